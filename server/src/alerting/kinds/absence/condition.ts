import type { Comparison } from '../../rules/alert-rule.ts';

/** Whose silence is meant. */
export type Speaker =
  /** Each series of any of these range-less PromQL expressions; `isSelector`: they are plain selectors. */
  | { readonly type: 'series'; readonly expressions: readonly string[]; readonly isSelector: boolean }
  | { readonly type: 'logs'; readonly search: string; readonly service: string | null }
  /** In any signal. */
  | { readonly type: 'service'; readonly service: string };

/** What was there and is silent, or was never there. Values are seconds of silence. */
export interface AbsenceCondition {
  readonly kind: 'absence';
  readonly speaker: Speaker;
  readonly forMs: number;
  /** At least `forMs` of silence. */
  readonly comparison: Comparison;
}

const HOUR_MS = 3_600_000;

/** So far back what has spoken is remembered, milliseconds: what is silent for longer must have been noticed before. */
export function memoryOf(forMs: number): number {
  return Math.max(HOUR_MS, 2 * forMs, Math.min(24 * HOUR_MS, 10 * forMs));
}
