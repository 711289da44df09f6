import type { PipelineLimits } from './limits.ts';
import type { RejectionReason } from './rejection.ts';

/** What a stage knows besides the item. */
export interface StageContext {
  readonly limits: PipelineLimits;
  /** Unix milliseconds; the same for a whole batch. */
  readonly now: number;
  /** Called for every text that was cut and every attribute that was left out. */
  readonly onTruncated: () => void;
}

/**
 * One step on the way to the store. Started for each batch, it then gives for an item: the item as it is, a changed
 * copy, or the reason why it is refused. Stages are cheap and leave no trace, so that a batch can be sent again.
 */
export type Stage<Item extends object> = (context: StageContext) => (item: Item) => Item | RejectionReason;
