import { invalid, ServiceError } from '../../../model/errors.ts';
import { type Labels, labelsKey } from '../../../model/labels.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { History, HistoryOptions, KindSources } from '../rule-kind.ts';
import { atTime } from './at-time.ts';
import { samplesOfRows } from './samples-of-rows.ts';

/** So many looks are taken in any case: each is a query of its own. */
const FEWEST_LOOKS = 120;
/** As long as they have not taken longer than this together, the moments between them are looked at, too. */
const BUDGET_MS = 2000;
const LONGEST_MS = 30_000;

interface Series {
  readonly labels: Labels;
  readonly points: [time: number, value: number][];
}

/**
 * What a query would have given at moments of the past: it is asked anew for each, with that moment as its present.
 * The moments lie twice as close together, and again, until they are `stepMs` apart or have cost what they may.
 * Throws 422 where it asks for no present time, 504 where all of it takes longer than half a minute.
 */
export async function sqlHistory(
  query: string,
  { range, stepMs, signal }: HistoryOptions,
  { sql: door }: KindSources,
): Promise<History> {
  if (!door) throw invalid({ path: 'query_language', message: 'there is no SQL here' });
  const timeout = AbortSignal.timeout(LONGEST_MS);
  const options = { signal: signal ? AbortSignal.any([signal, timeout]) : timeout };
  const series = new Map<string, Series>();
  const look = async (at: number) => {
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
      const one = series.get(key) ?? { labels, points: [] };
      series.set(key, one);
      if (one.points.at(-1)?.[0] !== at) one.points.push([at, value]);
    }
  };
  const began = performance.now();
  let step = widestStep(stepMs, range);
  for (let at = range.start; at <= range.end; at += step) await look(at);
  // The moments between take as long again as all before them.
  while (step > stepMs && 2 * (performance.now() - began) <= BUDGET_MS) {
    for (let at = range.start + step / 2; at <= range.end; at += step) await look(at);
    step /= 2;
  }
  return { start: range.start, stepMs: step, series: [...series.values()].map(inOrder) };
}

/** The wanted step, doubled until the looks are few. */
function widestStep(stepMs: number, { start, end }: TimeRange): number {
  const times = (end - start) / stepMs / FEWEST_LOOKS;
  return stepMs * 2 ** Math.max(0, Math.ceil(Math.log2(times)));
}

function inOrder({ labels, points }: Series): History['series'][number] {
  points.sort(([a], [b]) => a - b);
  return { labels, timestamps: points.map(([time]) => time), values: points.map(([, value]) => value) };
}
