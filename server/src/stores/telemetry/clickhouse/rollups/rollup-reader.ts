import { Turns } from '../../../../lib/turns.ts';
import { METRIC_NAME } from '../../../../model/labels.ts';
import type { TimeRange } from '../../../../model/time-range.ts';
import type { ClickHouse } from '../../click-house.ts';
import type { SelectOptions, SeriesColumns } from '../../metric-store.ts';
import { quoteString } from '../bind-parameters.ts';
import { RowBinaryReader } from '../row-binary.ts';
import { MOST_SAMPLES, SAMPLES_A_TURN, tooManySamples } from '../sample-reader.ts';
import type { StoredSeries } from './old-series.ts';
import { RolledColumns } from './rolled-columns.ts';

/** More ids than this are not named: the whole of the metrics is read, and the rest passed over. */
export const MOST_NAMED = 10_000;

/** By id of series its rollups that end in `start < t <= end`, as samples; series without any are left out. */
export async function readRollups(
  clickHouse: ClickHouse,
  series: readonly StoredSeries[],
  { start, end }: TimeRange,
  { maxSamples = MOST_SAMPLES, pool, signal }: SelectOptions = {},
): Promise<Map<string, SeriesColumns>> {
  if (series.length === 0) return new Map();
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
  return await toSeries(new RowBinaryReader(bytes), wanted, maxSamples);
}

export function seconds(milliseconds: number): number {
  return Math.min(0xffff_ffff, Math.max(0, Math.floor(milliseconds / 1000)));
}

async function toSeries(
  reader: RowBinaryReader,
  wanted: ReadonlyMap<string, StoredSeries>,
  maxSamples: number,
): Promise<Map<string, SeriesColumns>> {
  const turns = new Turns(SAMPLES_A_TURN / 10);
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
    if (turns.spend(1)) await turns.pause();
    const series = wanted.get(id);
    if (!series) continue;
    const known = columns.get(id) ?? new RolledColumns(series);
    columns.set(id, known);
    known.add(row);
  }
  return new Map([...columns].map(([id, one]) => [id, one.finish()]));
}
