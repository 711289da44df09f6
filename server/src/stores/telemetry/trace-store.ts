import type { StoredSpan } from '../../model/span.ts';
import type { TimeRange } from '../../model/time-range.ts';

/**
 * Which traces are meant. `service`, `environment`, `operation` and `attributes` hold together for one span of the
 * trace; the others are about the trace as a whole.
 */
export interface TraceSelection {
  /** When the trace began: the start of its earliest span. */
  readonly range: TimeRange;
  readonly service?: string;
  readonly environment?: string;
  /** Name of a span. */
  readonly operation?: string;
  /** Attributes of the span or of its resource, value for value. */
  readonly attributes?: readonly (readonly [key: string, value: string])[];
  /** Inclusive, from the start of the earliest span to the end of the last. */
  readonly minDurationMs?: number;
  readonly maxDurationMs?: number;
  /** `error`: at least one of its spans has failed. */
  readonly status?: 'ok' | 'error';
}

/** A place in a listing: after the trace that it names. JSON; made by the store. */
export interface TracePosition {
  /** What the listing is sorted by, in nanoseconds and decimal: the trace's start, or its duration. */
  readonly key: string;
  readonly traceId: string;
}

export interface TraceListOptions {
  readonly sort: 'newest' | 'slowest';
  /** 1 to 1000. */
  readonly limit: number;
  readonly after?: TracePosition;
  readonly signal?: AbortSignal;
}

export interface TraceSummary {
  readonly traceId: string;
  /** Of the root span; of the earliest span where the root is missing (late, lost or not sampled). */
  readonly rootService: string;
  readonly rootOperation: string;
  readonly startTimeUnixNano: bigint;
  readonly durationNano: bigint;
  readonly spanCount: number;
  readonly errorCount: number;
  /** By name. */
  readonly services: readonly string[];
}

export interface TracePage {
  readonly traces: readonly TraceSummary[];
  /** Where the next page begins; left out on the last one. */
  readonly next?: TracePosition;
}

export interface StoredTrace {
  /** By start time; a span that was sent twice is there once. */
  readonly spans: readonly StoredSpan[];
  /** True where the trace has more spans than are read at most. */
  readonly isTruncated: boolean;
}

/** Reading traces. Every call is bounded in time and throws `ServiceError('query_timeout')` beyond. */
export interface TraceStore {
  list(selection: TraceSelection, options: TraceListOptions): Promise<TracePage>;
  /** One trace by its id (32 lower-case hex digits); `undefined` where nothing of it is stored. */
  get(traceId: string, signal?: AbortSignal): Promise<StoredTrace | undefined>;
}
