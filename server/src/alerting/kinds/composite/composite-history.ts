import { ServiceError } from '../../../model/errors.ts';
import { type Labels, labelsKey } from '../../../model/labels.ts';
import type { History, HistoryOptions, KindSources, PastFiring } from '../rule-kind.ts';
import type { CompositeCondition } from './condition.ts';

/** Label sets for which the expression holds, by what fires of each alert. */
type Holds = (found: ReadonlyMap<string, readonly Labels[]>) => readonly Labels[];

/** What an expression would have said of what its alerts really fired. Throws 422 where one of them is gone. */
export async function compositeHistory(
  { members }: CompositeCondition,
  { range, stepMs }: HistoryOptions,
  { pastFiring }: KindSources,
  holds: Holds,
): Promise<History> {
  const past = new Map<string, readonly PastFiring[]>();
  for (const [text, id] of Object.entries(members)) {
    const fired = await pastFiring?.(id, range);
    if (!fired) throw new ServiceError('invalid', `the alert "${text}" is gone`);
    past.set(text, fired);
  }
  const series = new Map<string, { labels: Labels; timestamps: number[]; values: number[] }>();
  for (let at = range.start; at <= range.end; at += stepMs) {
    const found = new Map(
      [...past].map(([text, fired]) => [
        text,
        fired.filter(({ from, until }) => from <= at && (until === null || at < until)).map(({ labels }) => labels),
      ]),
    );
    for (const labels of holds(found)) {
      const key = labelsKey(labels);
      const one = series.get(key) ?? { labels, timestamps: [], values: [] };
      series.set(key, one);
      one.timestamps.push(at);
      one.values.push(1);
    }
  }
  return { start: range.start, stepMs, series: [...series.values()], absent: 0 };
}
