import type { TimeRange } from '../../model/time-range.ts';
import type { QueryOptions } from './click-house.ts';

/** A version of a service of which spans were seen. Times are Unix milliseconds. */
export interface SeenVersion {
  readonly service: string;
  /** Empty where none is named. */
  readonly environment: string;
  readonly version: string;
  readonly firstSeen: number;
  readonly lastSeen: number;
}

/** Reads which versions of services there are, at most 2000 of a range. */
export interface VersionStore {
  versions(range: TimeRange, options?: Pick<QueryOptions, 'pool' | 'signal'>): Promise<SeenVersion[]>;
}
