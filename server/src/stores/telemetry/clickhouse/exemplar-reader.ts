import { invalid } from '../../../model/errors.ts';
import type { Exemplar } from '../../../model/metric.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { ClickHouse } from '../click-house.ts';
import type { SelectOptions } from '../metric-store.ts';
import { RowBinaryReader } from './row-binary.ts';
import { seriesConditions } from './series-conditions.ts';
import type { SeriesEntry, SeriesIndex } from './series-index.ts';

const MOST_EXEMPLARS = 100_000;

/** Exemplars of `entries` in `start <= t <= end` by the id of their series, ordered by time. */
export async function readExemplars(
  clickHouse: ClickHouse,
  index: SeriesIndex,
  entries: readonly SeriesEntry[],
  range: TimeRange,
  { maxSamples: most = MOST_EXEMPLARS, pool, signal }: SelectOptions = {},
): Promise<ReadonlyMap<bigint, Exemplar[]>> {
  // What was sent again and not yet merged is there twice.
  const sql = `SELECT series, timestamp, value, trace_id, span_id, labels
FROM metric_exemplars
WHERE ${seriesConditions(index, entries, range)}
ORDER BY metric, series, timestamp, value, trace_id, span_id
LIMIT 1 BY metric, series, timestamp, value, trace_id, span_id
LIMIT ${most + 1}
FORMAT RowBinary`;
  const bytes = await clickHouse.queryBytes(sql, { ...(pool && { pool }), ...(signal && { signal }) });
  const reader = new RowBinaryReader(bytes);
  const bySeries = new Map<bigint, Exemplar[]>();
  for (let count = 1; !reader.atEnd; count++) {
    if (count > most) {
      throw invalid({ path: 'query', message: `more than ${most} exemplars; narrow the time window or the selector` });
    }
    const series = reader.uint64();
    const exemplar = { timestamp: reader.int64(), value: reader.float64(), labels: readLabels(reader) };
    const known = bySeries.get(series);
    if (known) known.push(exemplar);
    else bySeries.set(series, [exemplar]);
  }
  return bySeries;
}

function readLabels(reader: RowBinaryReader): Record<string, string> {
  const traceId = reader.string();
  const spanId = reader.string();
  return { ...(traceId && { trace_id: traceId }), ...(spanId && { span_id: spanId }), ...reader.textMap() };
}
