import type { TimeRange } from '../../../model/time-range.ts';
import { quoteString } from './bind-parameters.ts';
import type { SeriesEntry, SeriesIndex } from './series-index.ts';

/** The end of what the column can hold, Unix milliseconds: the year 2262. */
const LATEST = 9_223_372_036_854;

/** The rows of `entries` in `start <= timestamp <= end`, of any table whose key is metric, series, timestamp. */
export function seriesConditions(index: SeriesIndex, entries: readonly SeriesEntry[], range: TimeRange): string {
  const metrics = [...new Set(entries.map((entry) => entry.name))];
  const isWhole = metrics.reduce((sum, metric) => sum + index.countOf(metric), 0) === entries.length;
  return [
    metrics.length === 1
      ? `metric = ${quoteString(metrics[0]!)}`
      : `metric IN (${metrics.map((metric) => quoteString(metric)).join(', ')})`,
    ...(isWhole ? [] : [`series IN (${entries.map((entry) => entry.id).join(', ')})`]),
    `timestamp >= fromUnixTimestamp64Milli(${Math.ceil(Math.max(range.start, 0))}, 'UTC')`,
    `timestamp <= fromUnixTimestamp64Milli(${Math.floor(Math.min(range.end, LATEST))}, 'UTC')`,
  ].join('\n  AND ');
}
