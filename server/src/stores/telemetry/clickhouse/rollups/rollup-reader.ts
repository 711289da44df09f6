import { METRIC_NAME } from '../../../../model/labels.ts';
import type { TimeRange } from '../../../../model/time-range.ts';
import type { ClickHouse } from '../../click-house.ts';
import type { SelectOptions, SeriesColumns } from '../../metric-store.ts';
import { quoteString } from '../bind-parameters.ts';
import { RowBinaryReader } from '../row-binary.ts';
import { MOST_SAMPLES, tooManySamples } from '../sample-reader.ts';
import type { StoredSeries } from './old-series.ts';
import { RolledColumns } from './rolled-columns.ts';

/** More ids than this are not named: the whole of the metrics is read, and the rest passed over. */
const MOST_NAMED = 10_000;

/** The rollups of series that end in `start < t <= end`, as samples; series without any are left out. */
export async function readRollups(
  clickHouse: ClickHouse,
  series: readonly StoredSeries[],
  { start, end }: TimeRange,
  { maxSamples = MOST_SAMPLES, pool, signal }: SelectOptions = {},
): Promise<SeriesColumns[]> {
  if (series.length === 0) return [];
  const wanted = new Map(series.map((one) => [one.id, one]));
  const names = [...new Set(series.map(({ labels }) => labels[METRIC_NAME]!))];
  const sql = `SELECT series, toInt64(toUnixTimestamp(bucket)) AS ends, first_timestamp, first_value, timestamp, value,
  toFloat64(count), min, max, sum, drops, ended
FROM metric_rollups
WHERE metric IN (${names.map(quoteString).join(', ')})
  ${series.length <= MOST_NAMED ? `AND series IN (${series.map(({ id }) => id).join(', ')})` : ''}
  AND bucket > toDateTime(${seconds(start)}, 'UTC') AND bucket <= toDateTime(${seconds(end)}, 'UTC')
ORDER BY metric, series, bucket, version
LIMIT ${maxSamples + 1}
FORMAT RowBinary`;
  const bytes = await clickHouse.queryBytes(sql, { ...(pool && { pool }), ...(signal && { signal }) });
  return toSeries(new RowBinaryReader(bytes), wanted, maxSamples);
}

function seconds(milliseconds: number): number {
  return Math.min(0xffff_ffff, Math.max(0, Math.floor(milliseconds / 1000)));
}

function toSeries(
  reader: RowBinaryReader,
  wanted: ReadonlyMap<string, StoredSeries>,
  maxSamples: number,
): SeriesColumns[] {
  const columns = new Map<string, RolledColumns>();
  let rows = 0;
  while (!reader.atEnd) {
    if (++rows > maxSamples) throw tooManySamples(maxSamples);
    const id = String(reader.uint64());
    const row = {
      bucket: reader.int64(),
      firstTimestamp: reader.int64(),
      firstValue: reader.float64(),
      timestamp: reader.int64(),
      value: reader.float64(),
      count: reader.float64(),
      min: reader.float64(),
      max: reader.float64(),
      sum: reader.float64(),
      drops: reader.float64(),
      ended: reader.int64(),
    };
    const series = wanted.get(id);
    if (!series) continue;
    const known = columns.get(id) ?? new RolledColumns(series);
    columns.set(id, known);
    known.add(row);
  }
  return [...columns.values()].map((one) => one.finish());
}
