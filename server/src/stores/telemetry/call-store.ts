import type { TimeRange } from '../../model/time-range.ts';
import type { RedFigures, RedOptions } from './red-store.ts';

/** What calls or is called. */
export interface CallPeer {
  /** `user`: whoever sends requests that no trace tells the origin of. */
  readonly kind: 'service' | 'database' | 'queue' | 'external' | 'user';
  /** Of a database `system/namespace`, of a queue `system/destination`, of others a service or `host:port`. */
  readonly name: string;
}

/**
 * Calls from one to another, all together. Figures are those of who is called where it is a service, of the caller
 * otherwise; of messages those of who puts them in and of who takes them out.
 */
export interface Call extends RedFigures {
  readonly source: CallPeer;
  readonly target: CallPeer;
}

/** All calls of what is no service: of a queue what is put in, where nobody tells that what is taken out. */
export interface PeerRed extends RedFigures, CallPeer {}

export interface CallGraph {
  readonly calls: readonly Call[];
  readonly peers: readonly PeerRed[];
  /** Share of the traces that was read; counts are of all. */
  readonly sampledRatio: number;
}

export interface CallOptions extends Pick<RedOptions, 'environment' | 'pool' | 'signal'> {
  /** Where the range has more spans, its newest part with about so many is read in its place. */
  readonly newestSpans?: number;
}

/**
 * Reads calls from stored spans. With an environment: requests that its services answered, and what these services
 * called outside. Bounded: the 1000 busiest calls of each kind, from a sample of whole traces where there are many.
 */
export interface CallStore {
  calls(range: TimeRange, options?: CallOptions): Promise<CallGraph>;
}
