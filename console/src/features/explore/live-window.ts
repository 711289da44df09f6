import type { LiveEvent } from '../../api-client/types.ts';
import type { ChartSeries, Point } from '../../components/chart-data.ts';
import { seriesNames } from '../../components/series-names.ts';

type Labels = Readonly<Record<string, string>>;

interface LiveSeries {
  labels: Labels;
  points: Point[];
}

/** Series by their labels as text. */
export type LiveWindow = ReadonlyMap<string, LiveSeries>;

/** The window with an event more, without what is older than `windowSeconds` before it; series without points go. */
export function addEvent(window: LiveWindow, event: LiveEvent, windowSeconds: number): LiveWindow {
  const time = Date.parse(event.timestamp) / 1000;
  const next = new Map<string, LiveSeries>();
  for (const [key, { labels, points }] of window) {
    const kept = points.filter(([at]) => at >= time - windowSeconds && at < time);
    if (kept.length > 0) next.set(key, { labels, points: kept });
  }
  for (const { labels, value } of event.results.flatMap((result) => result.series)) {
    const key = JSON.stringify(labels);
    const known = next.get(key) ?? { labels, points: [] };
    next.set(key, { ...known, points: [...known.points, [time, value]] });
  }
  return next;
}

export function chartSeriesOf(window: LiveWindow, whole: string): ChartSeries[] {
  const all = [...window.values()];
  const names = seriesNames(
    all.map(({ labels }) => labels),
    whole,
  );
  return all.map(({ points }, index) => ({ name: names[index]!, points }));
}

/** How often is asked over a window, seconds: at most 300 points, at least two seconds apart. */
export function liveInterval(windowSeconds: number): number {
  return Math.max(2, Math.ceil(windowSeconds / 300));
}
