import type { PipelineLimits } from './limits.ts';
import type { DropReason, RejectionReason } from './rejection.ts';
import type { NowRange } from './steady-now.ts';

/** What a stage knows besides the item. */
export interface StageContext {
  readonly limits: PipelineLimits;
  /** Who brings the batch: `otlp`, `rules`, ... */
  readonly source: string;
  /** The same for a whole batch. */
  readonly now: NowRange;
  /** Called for every text that was cut and every attribute that was left out. */
  readonly onTruncated: () => void;
  /** Called for every value that was deleted, masked or hashed. */
  readonly onRedacted: () => void;
  /** Items of the batch. */
  readonly batchSize: number;
  /** Called before a reason is given that does not say enough: what exactly, such as the metric and its limit. */
  readonly explain: (detail: string) => void;
  /** Called where so many units of the item are refused, and the rest goes on. */
  readonly refusePart: (reason: RejectionReason, count: number) => void;
}

/**
 * One step on the way to the store. Started for each batch, it then gives for an item: the item as it is, a changed
 * copy, or the reason why it is refused or left out. Stages are cheap and leave no trace, so that a batch can be sent again.
 */
export type Stage<Item extends object> = (context: StageContext) => (item: Item) => Item | RejectionReason | DropReason;
