import { Turns } from '../../../lib/turns.ts';
import { invalid, type ServiceError } from '../../../model/errors.ts';
import type { HistogramSample } from '../../../model/metric.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { ClickHouse } from '../click-house.ts';
import type { SelectOptions } from '../metric-store.ts';
import { HISTOGRAM_COLUMNS, HistogramRows } from './histogram-rows.ts';
import { RowBinaryReader } from './row-binary.ts';
import { seriesConditions } from './series-conditions.ts';
import type { SeriesEntry, SeriesIndex } from './series-index.ts';

/** A histogram takes about a kilobyte. */
export const MOST_HISTOGRAMS = 200_000;
/** Read between two pauses. */
export const HISTOGRAMS_A_TURN = 2000;

/** Histograms of `entries` in `start <= t <= end` by the id of their series, ordered by time, one a timestamp. */
export async function readHistograms(
  clickHouse: ClickHouse,
  index: SeriesIndex,
  entries: readonly SeriesEntry[],
  range: TimeRange,
  { maxSamples, pool, signal }: SelectOptions = {},
): Promise<ReadonlyMap<bigint, HistogramSample[]>> {
  const most = Math.min(maxSamples ?? MOST_HISTOGRAMS, MOST_HISTOGRAMS);
  const sql = `SELECT series, ${HISTOGRAM_COLUMNS}
FROM metric_histograms
WHERE ${seriesConditions(index, entries, range)}
ORDER BY metric, series, timestamp, version
LIMIT ${most + 1}
FORMAT RowBinary`;
  const bytes = await clickHouse.queryBytes(sql, { ...(pool && { pool }), ...(signal && { signal }) });
  const reader = new RowBinaryReader(bytes);
  const rows = new HistogramRows(reader);
  const turns = new Turns(HISTOGRAMS_A_TURN);
  const bySeries = new Map<bigint, HistogramSample[]>();
  for (let count = 1; !reader.atEnd; count++) {
    if (count > most) throw tooManyHistograms(most);
    const series = reader.uint64();
    const sample = rows.read();
    const samples = bySeries.get(series) ?? [];
    if (samples.length === 0) bySeries.set(series, samples);
    // Of rows with one timestamp the last counts: it has the highest version.
    if (samples.at(-1)?.timestamp === sample.timestamp) samples.pop();
    samples.push(sample);
    if (turns.spend(1)) await turns.pause();
  }
  return bySeries;
}

export function tooManyHistograms(most: number): ServiceError {
  const message = `more than ${most} native histograms; narrow the time window or the selector`;
  return invalid({ path: 'query', message });
}
