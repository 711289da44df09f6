import type { Flow } from '../../model/flow.ts';
import type { RejectionTally } from '../../pipeline/index.ts';

/** The good items of a request, and what is refused while they are gone through. */
export interface Decoded<Item> {
  readonly items: Flow<Item>;
  readonly rejected: RejectionTally;
}
