import { formatInstant } from '../lib/instant.ts';
import type { Clock } from '../model/clock.ts';
import { invalid } from '../model/errors.ts';
import type { Labels } from '../model/labels.ts';
import { explainQuery, type InstantResult, type PromqlEngine, type RangeResult } from '../query/promql/index.ts';
import type { QueryAnswer } from './contract/query.ts';
import { explanationOf, queryTimes } from './explanation.ts';
import type { QueryLanguage } from './routes/query.ts';

/** More does not fit into an answer that people read; Prometheus' own API has no such bound. */
const MOST_ROWS = 100_000;
/** A sample in memory: its time and its value. */
const SAMPLE_BYTES = 16;
const COLUMNS = [
  { name: 'labels', type: 'Map(String, String)' },
  { name: 'timestamp', type: 'DateTime64(3)' },
  { name: 'value', type: 'Float64' },
];

type Row = [labels: Labels, timestamp: string, value: number | string | null];

/** PromQL at one time, or step by step: one row a point. Native histograms have their own API and are null here. */
export function promqlLanguage({ engine, clock }: { engine: PromqlEngine; clock: Clock }): QueryLanguage {
  return async (request, signal): Promise<QueryAnswer> => {
    const times = queryTimes(request, clock.now());
    const began = performance.now();
    const answer =
      'time' in times
        ? await engine.instant(request.query, times.time, { signal })
        : await engine.range(request.query, times, { signal });
    const rows = [...rowsOf(answer.result)];
    const elapsed_ms = performance.now() - began;
    const remarks = [...answer.warnings, ...answer.infos];
    const explained = request.explain
      ? explanationOf(await explainQuery(engine, request.query, times, () => performance.now(), { signal }))
      : undefined;
    return {
      columns: COLUMNS,
      rows,
      stats: { rows_read: answer.samplesRead, bytes_read: answer.samplesRead * SAMPLE_BYTES, elapsed_ms },
      ...(remarks.length > 0 && { warnings: remarks }),
      ...(explained && { explain: explained }),
    };
  };
}

function* rowsOf(result: InstantResult | RangeResult): Generator<Row> {
  let left = MOST_ROWS;
  const row = (labels: Labels, timestamp: number, value: number | string): Row => {
    if (left-- > 0) return [labels, formatInstant(timestamp), shown(value)];
    throw invalid({ path: 'query', message: `gives more than ${MOST_ROWS} points: aggregate, or raise the step` });
  };
  if (result.type === 'scalar' || result.type === 'string') yield row({}, result.timestamp, result.value);
  else if (result.type === 'vector') {
    for (const { labels, value } of result.samples) yield row(labels, result.timestamp, value);
  } else {
    for (const { labels, timestamps, values } of result.series) {
      for (const [index, timestamp] of timestamps.entries()) yield row(labels, timestamp, values[index]!);
    }
  }
}

function shown(value: number | string): number | string | null {
  return typeof value === 'string' || Number.isFinite(value) ? value : null;
}
