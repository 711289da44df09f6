import type { TimeRange } from '../../../model/time-range.ts';
import type { ClickHouse, QueryOptions } from '../click-house.ts';
import { minutes, parametersOf } from './red-conditions.ts';

interface MinuteRow {
  /** Its begin, Unix milliseconds. */
  readonly minute: number;
  readonly spans: number;
}

const MINUTE_MS = 60_000;
/** The spans of the last seconds are still on their way into the table. */
const ON_THE_WAY_MS = 30_000;

/**
 * The newest part of a range that has about `most` spans, by the sums by the minute; `undefined` where the whole has no
 * more.
 */
export async function newestPart(
  clickHouse: ClickHouse,
  range: TimeRange,
  most: number,
  options: QueryOptions,
): Promise<TimeRange | undefined> {
  const found = await clickHouse.query<MinuteRow>(SQL, { parameters: parametersOf(range, {}), ...options });
  const total = found.reduce((sum, { spans }) => sum + spans, 0);
  if (total <= most) return undefined;
  const end = Math.min(range.end, Math.max(range.start, range.end - ON_THE_WAY_MS));
  let left = most;
  for (const { minute, spans } of found) {
    const until = Math.min(minute + MINUTE_MS, end);
    if (until <= minute) continue;
    if (spans >= left) return { start: Math.max(range.start, Math.floor(until - (left / spans) * MINUTE_MS)), end };
    left -= spans;
  }
  return undefined;
}

const SQL = `
SELECT toUnixTimestamp(Timestamp) * 1000 AS minute, sum(Count) AS spans
FROM span_metrics WHERE ${minutes.inRange}
GROUP BY minute ORDER BY minute DESC`;
