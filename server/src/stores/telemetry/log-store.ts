import type { Attributes } from '../../model/attributes.ts';
import type { LogFilter } from '../../model/log-filter.ts';
import type { LogLevel, LogRecord } from '../../model/log-record.ts';
import type { TimeRange } from '../../model/time-range.ts';

/** Which records are meant. All conditions hold together. */
export interface LogSelection {
  /** By event time. */
  readonly range: TimeRange;
  readonly service?: string;
  readonly environment?: string;
  /** `unknown`: records without a level. */
  readonly level?: { readonly level: LogLevel | 'unknown'; readonly andAbove: boolean };
  /** 32 hex digits. */
  readonly traceId?: string;
  /** Attributes of the record or of its resource, value for value. */
  readonly attributes?: readonly (readonly [key: string, value: string])[];
  readonly filter?: LogFilter;
}

/** A place in a listing: after the record that it names. JSON; made by the store. */
export interface LogPosition {
  /** Unix nanoseconds of the record, in decimal. */
  readonly time: string;
  /** Hash of its content, in decimal: orders the records of one nanosecond. */
  readonly hash: string;
  /** How many records of this time and hash came already. */
  readonly seen: number;
}

export interface LogListOptions {
  readonly order: 'newest' | 'oldest';
  /** 1 to 5000. */
  readonly limit: number;
  readonly after?: LogPosition;
  readonly signal?: AbortSignal;
}

/** A record with its id: a UUIDv7 made of its time and content, the same whenever and however it is read. */
export interface StoredLog extends LogRecord<Attributes> {
  readonly id: string;
}

/** A page may hold fewer records than asked for where messages are large, and the last one may hold none. */
export interface LogPage {
  readonly records: readonly StoredLog[];
  /** Where the next page begins; left out on the last one. */
  readonly next?: LogPosition;
}

export interface LogCount {
  readonly count: number;
  /** False where counting stopped at the bound: there are more. */
  readonly isExact: boolean;
}

export interface LogVolumeOptions {
  /** `level`, `service`, `environment`, or the key of an attribute (of the record, else of its resource). */
  readonly field: string;
  readonly stepMs: number;
  /** The most frequent values that are told apart: 1 to 100. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/** How many records have a value of the field; slots without any are left out. */
interface LogVolumeGroup {
  /** Empty where the records do not have the field. */
  readonly value: string;
  readonly count: number;
  /** Start of the slot in Unix milliseconds, and the count, in the order of time. */
  readonly points: readonly (readonly [slot: number, count: number])[];
}

export interface LogVolume {
  /** Of all records of the selection. */
  readonly total: number;
  /** The most frequent value first. */
  readonly groups: readonly LogVolumeGroup[];
}

export interface LogGroupOptions {
  /** As of `LogVolumeOptions.field`; none: all records are one group. At most 20. */
  readonly fields: readonly string[];
  /** Width of the slots of `points`, milliseconds; slots begin at its multiples. */
  readonly stepMs: number;
  /** The biggest groups that are told apart: 1 to 10,000. */
  readonly limit: number;
  readonly pool?: 'alerting' | 'interactive';
  readonly signal?: AbortSignal | undefined;
}

/** Records that share their values of several fields. */
export interface LogGroup {
  /** In the order of the fields; empty where a record does not have one. */
  readonly values: readonly string[];
  readonly count: number;
  /** Of the newest record, Unix milliseconds. */
  readonly lastAt: number;
  /** As of `LogVolumeGroup`. */
  readonly points: readonly (readonly [slot: number, count: number])[];
}

/**
 * Reading log records. A listing has a total order (time, then content), so pages put one after the other hold every
 * record once, records of the same nanosecond and even identical ones included. Every call is bounded in time and
 * throws `ServiceError('query_timeout')` beyond.
 */
export interface LogStore {
  list(selection: LogSelection, options: LogListOptions): Promise<LogPage>;
  /** Counts at most `bound` records. */
  count(selection: LogSelection, bound: number, signal?: AbortSignal): Promise<LogCount>;
  /** Counts over time, by the values of a field. */
  volume(selection: LogSelection, options: LogVolumeOptions): Promise<LogVolume>;
  /** Counts by the values of several fields at once, the biggest group first. */
  groups(selection: LogSelection, options: LogGroupOptions): Promise<LogGroup[]>;
  /** The record of an id; `undefined` where there is none (any more) or the text is no id of a record. */
  get(id: string): Promise<StoredLog | undefined>;
}
