export { createPipeline, type Intake, type Pipeline } from './pipeline.ts';
export { describeRejections, type Rejection, type RejectionReason, RejectionTally } from './rejection.ts';
