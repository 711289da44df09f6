import type { PromqlEngine } from '../../query/promql/index.ts';
import { linearTrend } from './linear-trend.ts';

export interface DiskForecast {
  readonly host: string;
  readonly mount: string;
  readonly usedPercent: number;
  /** Percentage points a day. */
  readonly trendPerDay: number;
  /** When the trend reaches 100 %, Unix milliseconds; `undefined` where it does not within a year. */
  readonly fullAt: number | undefined;
  /** The fit of the line, less where it rests on less than a week. */
  readonly confidence: number;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LOOKBACK_MS = 7 * DAY;
/** Below a day the rhythm of a day looks like a trend. */
const SHORTEST_MS = DAY;
const HORIZON_MS = 365 * DAY;
/** A week's trend does not change within minutes, and costs a week's samples. */
const KEPT_MS = 5 * MINUTE;

/** By engine: the forecasts of its metrics. */
const kept = new WeakMap<PromqlEngine, { readonly at: number; readonly forecasts: readonly DiskForecast[] }>();

/** A straight line through the last week of every disk of which at least a day is known; up to five minutes old. */
export async function forecastDisks(
  promql: PromqlEngine,
  now: number,
  signal?: AbortSignal,
): Promise<readonly DiskForecast[]> {
  const known = kept.get(promql);
  if (known && now >= known.at && now - known.at < KEPT_MS) return known.forecasts;
  const range = { start: now - LOOKBACK_MS, end: now, step: HOUR };
  const { result } = await promql.range('host_disk_usage_percent', range, { signal });
  const forecasts = result.series.flatMap(({ labels, timestamps, values }) => {
    const points = Array.from(timestamps, (at, index): [number, number] => [at / DAY, values[index]!]);
    const forecast = forecastOf(points, now);
    return forecast ? [{ host: labels.host ?? '', mount: labels.mount ?? '', ...forecast }] : [];
  });
  kept.set(promql, { at: now, forecasts });
  return forecasts;
}

/** `points`: days since 1970 and percent, by time. */
export function forecastOf(
  points: readonly (readonly [number, number])[],
  now: number,
): Omit<DiskForecast, 'host' | 'mount'> | undefined {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last) return undefined;
  const spanMs = (last[0] - first[0]) * DAY;
  const trend = linearTrend(points);
  // What is no longer reported has no future.
  if (!trend || spanMs < SHORTEST_MS || now - last[0] * DAY > 2 * HOUR) return undefined;
  const usedPercent = last[1];
  const untilFullMs = usedPercent >= 100 ? 0 : ((100 - usedPercent) / trend.slope) * DAY;
  return {
    usedPercent,
    trendPerDay: trend.slope,
    fullAt: untilFullMs >= 0 && untilFullMs <= HORIZON_MS ? now + untilFullMs : undefined,
    confidence: trend.fit * Math.min(1, spanMs / LOOKBACK_MS),
  };
}
