import { Turns } from '../../../../lib/turns.ts';
import { METRIC_NAME } from '../../../../model/labels.ts';
import type { HistogramSample } from '../../../../model/metric.ts';
import type { TimeRange } from '../../../../model/time-range.ts';
import type { ClickHouse } from '../../click-house.ts';
import type { SelectOptions } from '../../metric-store.ts';
import { quoteString } from '../bind-parameters.ts';
import { HISTOGRAMS_A_TURN, MOST_HISTOGRAMS, tooManyHistograms } from '../histogram-reader.ts';
import { HISTOGRAM_COLUMNS, HistogramRows } from '../histogram-rows.ts';
import { RowBinaryReader } from '../row-binary.ts';
import type { StoredSeries } from './old-series.ts';
import { MOST_NAMED, seconds } from './rollup-reader.ts';

/** A histogram that was kept of a rollup, and for how many of them it stands; 0 for a stale marker. */
export interface RolledHistogram extends HistogramSample {
  readonly standsFor: number;
}

interface Row extends HistogramSample {
  readonly bucket: number;
  /** How many histograms the bucket had. */
  readonly samples: number;
  readonly version: bigint;
}

/** Of series by id the histograms that are left of rollups that end in `start < t <= end`, in the order of time. */
export async function readHistogramRollups(
  clickHouse: ClickHouse,
  series: readonly StoredSeries[],
  { start, end }: TimeRange,
  { maxSamples = MOST_HISTOGRAMS, pool, signal }: SelectOptions = {},
): Promise<Map<string, RolledHistogram[]>> {
  if (series.length === 0) return new Map();
  const most = Math.min(maxSamples, MOST_HISTOGRAMS);
  const names = [...new Set(series.map(({ labels }) => labels[METRIC_NAME]!))];
  const sql = `SELECT series, toInt64(toUnixTimestamp(bucket)) AS ends, toFloat64(samples), version, ${HISTOGRAM_COLUMNS}
FROM metric_histogram_rollups
WHERE metric IN (${names.map(quoteString).join(', ')})
  ${series.length <= MOST_NAMED ? `AND series IN (${series.map(({ id }) => id).join(', ')})` : ''}
  AND bucket > toDateTime(${seconds(start)}, 'UTC') AND bucket <= toDateTime(${seconds(end)}, 'UTC')
ORDER BY metric, series, timestamp, version
LIMIT ${most + 1}
FORMAT RowBinary`;
  const bytes = await clickHouse.queryBytes(sql, { ...(pool && { pool }), ...(signal && { signal }) });
  const reader = new RowBinaryReader(bytes);
  const histograms = new HistogramRows(reader);
  const wanted = new Set(series.map(({ id }) => id));
  const rows = new Map<string, Row[]>();
  const turns = new Turns(HISTOGRAMS_A_TURN);
  for (let count = 1; !reader.atEnd; count++) {
    if (count > most) throw tooManyHistograms(most);
    const id = String(reader.uint64());
    const row = { bucket: reader.int64(), samples: reader.float64(), version: reader.uint64(), ...histograms.read() };
    if (wanted.has(id)) rows.getOrInsertComputed(id, () => []).push(row);
    if (turns.spend(1)) await turns.pause();
  }
  return new Map([...rows].map(([id, all]) => [id, settle(all)]));
}

/** Of each bucket the rows of its newest version. Those that are no stale markers share what the bucket had. */
function settle(rows: readonly Row[]): RolledHistogram[] {
  const buckets = Map.groupBy(rows, ({ bucket }) => bucket);
  return [...buckets.values()].flatMap((all) => {
    const newest = all.reduce((best, row) => (row.version > best.version ? row : best));
    const kept = all.filter(({ version }) => version === newest.version);
    const counted = kept.filter(({ histogram }) => histogram !== undefined);
    const share = Math.floor(newest.samples / Math.max(1, counted.length));
    return kept.map(({ bucket: _, version: __, samples, ...sample }) => {
      if (sample.histogram === undefined) return { ...sample, standsFor: 0 };
      const isLast = sample.timestamp === counted.at(-1)!.timestamp;
      return { ...sample, standsFor: isLast ? samples - share * (counted.length - 1) : share };
    });
  });
}
