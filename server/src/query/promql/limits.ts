import type { PromqlLimits } from './engine-contract.ts';

export const DEFAULT_LIMITS: PromqlLimits = {
  maxSamples: 50_000_000,
  maxPoints: 11_000,
  timeoutMs: 60_000,
  lookbackMs: 300_000,
  subqueryStepMs: 60_000,
};
