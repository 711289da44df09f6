import { invalid, ServiceError } from '../../../model/errors.ts';
import { type Labels, labelsKey } from '../../../model/labels.ts';
import type { History, HistoryOptions, KindSources } from '../rule-kind.ts';
import { atTime } from './at-time.ts';
import { samplesOfRows } from './samples-of-rows.ts';

/** Each look is a query of its own. */
const MOST_LOOKS = 120;
const LONGEST_MS = 30_000;

interface Series {
  readonly labels: Labels;
  readonly timestamps: number[];
  readonly values: number[];
}

/**
 * What a query would have given at moments of the past: it is asked anew for each, with that moment as its present.
 * Throws 422 where it asks for no present time, 504 where all of it takes longer than half a minute.
 */
export async function sqlHistory(
  query: string,
  { range, stepMs, signal }: HistoryOptions,
  { sql: door }: KindSources,
): Promise<History> {
  if (!door) throw invalid({ path: 'query_language', message: 'there is no SQL here' });
  const step = Math.max(stepMs, Math.ceil((range.end - range.start) / MOST_LOOKS));
  const timeout = AbortSignal.timeout(LONGEST_MS);
  const options = { signal: signal ? AbortSignal.any([signal, timeout]) : timeout };
  const series = new Map<string, Series>();
  for (let at = range.start; at <= range.end; at += step) {
    const asked = atTime(query, at);
    if (asked === undefined) {
      const message = 'asks for no present time (now(), now64(), today()): it would have given the same at any moment';
      throw invalid({ path: 'query', message });
    }
    const answer = await door.queryUser(asked, options).catch((error: unknown) => {
      if (!timeout.aborted || signal?.aborted) throw error;
      const message = `the history of the query took more than ${LONGEST_MS / 1000} s: choose a shorter time`;
      throw new ServiceError('query_timeout', message, { cause: error });
    });
    for (const { labels, value } of samplesOfRows(answer)) {
      const key = labelsKey(labels);
      const one = series.get(key) ?? { labels, timestamps: [], values: [] };
      series.set(key, one);
      if (one.timestamps.at(-1) === at) continue;
      one.timestamps.push(at);
      one.values.push(value);
    }
  }
  return { start: range.start, stepMs: step, series: [...series.values()] };
}
