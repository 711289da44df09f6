import { countWithin, type DurationBuckets, durationQuantile } from '../../../model/duration-histogram.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { RedFigures, RedOptions } from '../red-store.ts';
import { andEnvironment, andOperation, andService, minutes, rows } from './red-conditions.ts';

/** Where figures come from: what to select, from where, and what the columns of an answer mean. */
export interface FigureSource {
  readonly columns: string;
  /** `FROM ... WHERE ...` for requests in the range. */
  from(options: RedOptions): string;
  readonly environment: string;
  /** Unix milliseconds of a row. */
  readonly time: string;
  /** Condition: the first span of its trace. */
  readonly isRoot: string;
  decode(row: object, apdexTargetMs: number): RedFigures;
}

/** Above it sums by the minute do. */
const LONGEST_EXACT_MS = 2 * 3_600_000;

export function sourceFor(range: TimeRange): FigureSource {
  return range.end - range.start <= LONGEST_EXACT_MS ? spans : sums;
}

interface SpanRow {
  readonly requests: number;
  readonly errors: number;
  readonly average: number;
  readonly quantiles: readonly [number, number, number, number];
  readonly satisfied: number;
  readonly tolerating: number;
  readonly last_seen: number;
}

/** The figures over any set of spans. */
export const spanColumns = `
  count() AS requests,
  countIf(StatusCode = 'Error') AS errors,
  avg(Duration) AS average,
  quantiles(0.5, 0.9, 0.95, 0.99)(Duration) AS quantiles,
  countIf(StatusCode != 'Error' AND Duration <= {target:UInt64}) AS satisfied,
  countIf(StatusCode != 'Error' AND Duration > {target:UInt64} AND Duration <= 4 * {target:UInt64}) AS tolerating,
  toUnixTimestamp64Milli(max(Timestamp)) AS last_seen`;

/** Takes a row of `spanColumns`. */
export function decodeSpanRow(row: object): RedFigures {
  const { requests, errors, average, quantiles, satisfied, tolerating, last_seen } = row as SpanRow;
  const [p50, p90, p95, p99] = quantiles.map((nanoseconds) => nanoseconds / 1e6) as [number, number, number, number];
  return {
    requests,
    errors,
    latencyMs: { avg: average / 1e6, p50, p90, p95, p99 },
    apdex: (satisfied + tolerating / 2) / requests,
    lastSeen: last_seen,
  };
}

const spans: FigureSource = {
  columns: spanColumns,
  from: (options) =>
    `FROM otel_traces WHERE ${rows.inRange} AND ${rows.isRequest}${andService('ServiceName', options)}${andEnvironment(rows.environment, options)}${andOperation(options)}`,
  environment: rows.environment,
  time: 'toUnixTimestamp64Milli(Timestamp)',
  isRoot: "ParentSpanId = ''",
  decode: decodeSpanRow,
};

interface SumRow {
  readonly requests: number;
  readonly errors: number;
  readonly total: number;
  readonly buckets: DurationBuckets;
  readonly good_buckets: DurationBuckets;
  readonly last_seen: number;
}

const sums: FigureSource = {
  columns: `
  sum(Count) AS requests,
  sumIf(Count, StatusCode = 'Error') AS errors,
  sum(DurationSum) / 1e6 AS total,
  sumMap(DurationBuckets) AS buckets,
  sumMapIf(DurationBuckets, StatusCode != 'Error') AS good_buckets,
  toUnixTimestamp(max(Timestamp)) * 1000 AS last_seen`,
  from: (options) =>
    `FROM span_metrics WHERE ${minutes.inRange} AND ${minutes.isRequest}${andService('ServiceName', options)}${andEnvironment(minutes.environment, options)}${andOperation(options)}`,
  environment: minutes.environment,
  time: 'toUnixTimestamp(Timestamp) * 1000',
  isRoot: 'IsRoot = 1',
  decode: (row, apdexTargetMs) => {
    const { requests, errors, total, buckets, good_buckets, last_seen } = row as SumRow;
    const satisfied = countWithin(good_buckets, apdexTargetMs);
    const tolerating = countWithin(good_buckets, 4 * apdexTargetMs) - satisfied;
    const quantile = (share: number) => durationQuantile(buckets, share) ?? 0;
    return {
      requests,
      errors,
      latencyMs: {
        avg: total / requests,
        p50: quantile(0.5),
        p90: quantile(0.9),
        p95: quantile(0.95),
        p99: quantile(0.99),
      },
      apdex: (satisfied + tolerating / 2) / requests,
      lastSeen: last_seen,
    };
  },
};
