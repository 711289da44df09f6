export { explainReason } from './advice.ts';
export type { IntakeStats, Signal } from './intake-stats.ts';
export type { WriteOptions, WriteOutcome } from './lane.ts';
export type { KnownSeries } from './limit-cardinality.ts';
export { createPipeline, type Intake, type Pipeline } from './pipeline.ts';
export { needsHashKey, readPipelineRules } from './pipeline-rules.ts';
export type { RateLimit, Sender } from './rate-limits.ts';
export {
  describeRejections,
  type Rejection,
  type RejectionReason,
  RejectionTally,
  rejectionText,
} from './rejection.ts';
export { explainRequestRefusal } from './request-refusal.ts';
