import { ROLLUP_MS } from '../../../../model/rollup.ts';
import type { ClickHouse } from '../../click-house.ts';
import { quoteString } from '../bind-parameters.ts';

const DAY_MS = 86_400_000;
/** Rows that one statement reads, about: it takes a second or two, and some megabytes. */
const MOST_ROWS = 1_000_000;
const STALE = 'reinterpretAsUInt64(value) = 0x7ff0000000000002';
const SETTINGS =
  'SETTINGS max_threads = 1, optimize_aggregation_in_order = 1, insert_deduplicate = 0, max_execution_time = 30';
/** Ids of series are hashes: equal parts of all numbers hold about as many of them. */
const ALL_IDS = 1n << 64n;

/** The newest version among a day's samples; 0 where it has none. */
export async function newestVersion(clickHouse: ClickHouse, day: string): Promise<string> {
  const [row] = await clickHouse.query<{ version: string }>(
    `SELECT toString(max(version)) AS version FROM metric_samples WHERE ${samplesOf(day)} SETTINGS max_threads = 1`,
  );
  return row!.version;
}

/** By day that is rolled up as a whole: the newest version of its samples then. */
export async function rolledDays(clickHouse: ClickHouse): Promise<Map<string, string>> {
  const rows = await clickHouse.query<{ day: string; version: string }>(
    `SELECT toString(toDate(bucket - 1)) AS day, toString(max(version)) AS version FROM metric_rollups
     WHERE metric = '' GROUP BY day`,
  );
  return new Map(rows.map(({ day, version }) => [day, version]));
}

/**
 * The statements that roll a day (`2026-01-31`, UTC) up, each for a bounded number of its samples. Running them, or some
 * of them, again writes the same rows again, of which one counts. The last one marks the day as whole.
 */
export async function rollupStatements(clickHouse: ClickHouse, day: string, version: string): Promise<string[]> {
  const metrics = await clickHouse.query<{ metric: string; rows: number }>(
    `SELECT metric, count() AS rows FROM metric_samples WHERE ${samplesOf(day)}
     GROUP BY metric ORDER BY metric SETTINGS max_threads = 1`,
  );
  const mark = `INSERT INTO metric_rollups (metric, series, bucket, version) VALUES ('', 0, toDateTime(${quoteString(day)}, 'UTC') + toIntervalDay(1), ${version})`;
  return [...partsOf(metrics).map((condition) => rollUp(day, condition)), mark];
}

/** Small metrics together, large ones in pieces. */
function partsOf(metrics: readonly { readonly metric: string; readonly rows: number }[]): string[] {
  const parts: string[] = [];
  let names: string[] = [];
  let rows = 0;
  const endPart = () => {
    if (names.length > 0) parts.push(`metric IN (${names.map(quoteString).join(', ')})`);
    names = [];
    rows = 0;
  };
  for (const each of metrics) {
    if (rows + each.rows > MOST_ROWS) endPart();
    if (each.rows > MOST_ROWS) {
      const pieces = BigInt(Math.ceil(each.rows / MOST_ROWS));
      for (let piece = 0n; piece < pieces; piece++) {
        const [from, to] = [(ALL_IDS * piece) / pieces, (ALL_IDS * (piece + 1n)) / pieces - 1n];
        parts.push(`metric = ${quoteString(each.metric)} AND series >= ${from} AND series <= ${to}`);
      }
    } else {
      names.push(each.metric);
      rows += each.rows;
    }
  }
  endPart();
  return parts;
}

function rollUp(day: string, condition: string): string {
  return `INSERT INTO metric_rollups
  (metric, series, bucket, first_timestamp, first_value, timestamp, value, count, min, max, sum, drops, ended, version)
SELECT metric, series, bucket,
  if(empty(samples), ended, samples[1].1), samples[1].2,
  if(empty(samples), ended, samples[-1].1), samples[-1].2,
  length(samples),
  if(empty(numbers), nan, arrayMin(numbers)), if(empty(numbers), nan, arrayMax(numbers)), arraySum(samples.2),
  arraySum((value, before) -> if(value < before, before, 0), arrayPopFront(samples.2), arrayPopBack(samples.2)),
  ended, newest
FROM (
  SELECT metric, series,
    toDateTime(intDiv(toUnixTimestamp64Milli(timestamp) + ${ROLLUP_MS - 1}, ${ROLLUP_MS}) * ${ROLLUP_MS / 1000}, 'UTC') AS bucket,
    arraySort(groupArrayIf((timestamp, value), NOT (${STALE}))) AS samples,
    arrayFilter(number -> NOT isNaN(number), samples.2) AS numbers,
    maxIf(timestamp, ${STALE}) AS staleAt,
    if(staleAt > samples[-1].1, staleAt, fromUnixTimestamp64Milli(0, 'UTC')) AS ended,
    max(version) AS newest
  FROM metric_samples FINAL
  WHERE ${samplesOf(day)} AND ${condition}
  GROUP BY metric, series, bucket
)
${SETTINGS}`;
}

/** Of all rollups of the day: the last one ends at the midnight after it. */
function samplesOf(day: string): string {
  const from = Date.parse(`${day}T00:00:00Z`);
  return `timestamp > fromUnixTimestamp64Milli(${from}, 'UTC') AND timestamp <= fromUnixTimestamp64Milli(${from + DAY_MS}, 'UTC')`;
}
