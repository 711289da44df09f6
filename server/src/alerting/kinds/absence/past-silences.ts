import type { Labels } from '../../../model/labels.ts';
import type { History } from '../rule-kind.ts';

/** When somebody has spoken, by time; each time within a step after it happened. Unix milliseconds. */
export interface Spoken {
  readonly labels: Labels;
  /** From when to when it spoke without a silence worth the name. */
  readonly times: readonly (readonly [from: number, until: number])[];
}

/**
 * The seconds of silence of each at looks from `start` to `end`, as `silencesOf` finds them: what has not spoken within
 * `memoryMs` is not known any more. `never`: who is silent as long as nobody has spoken at all.
 */
export function pastSilences(
  spoken: readonly Spoken[],
  {
    start,
    end,
    stepMs,
    memoryMs,
    never,
  }: { start: number; end: number; stepMs: number; memoryMs: number; never: Labels },
): History {
  const series = spoken.map(({ labels, times }) => {
    const [timestamps, values]: [number[], number[]] = [[], []];
    let place = 0;
    let lastAt = Number.NEGATIVE_INFINITY;
    for (let at = start; at <= end; at += stepMs) {
      for (; place < times.length && times[place]![0] <= at; place++) lastAt = Math.max(lastAt, times[place]![1]);
      const silentMs = Math.max(0, at - lastAt);
      if (silentMs > memoryMs) continue;
      timestamps.push(at);
      values.push(silentMs / 1000);
    }
    return { labels, timestamps, values };
  });
  const first = Math.min(...spoken.flatMap(({ times }) => times[0]?.[0] ?? []));
  const own = { labels: never, timestamps: [] as number[], values: [] as number[] };
  for (let at = start; at <= end; at += stepMs) {
    own.timestamps.push(at);
    own.values.push(at < first ? (at - start) / 1000 : 0);
  }
  return { start, stepMs, series: [...series, own], absent: 'held' };
}
