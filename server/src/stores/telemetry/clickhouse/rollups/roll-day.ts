import { ROLLUP_MS } from '../../../../model/rollup.ts';
import type { ClickHouse } from '../../click-house.ts';
import { quoteString } from '../bind-parameters.ts';

const DAY_MS = 86_400_000;
const SETTINGS =
  'SETTINGS max_threads = 1, optimize_aggregation_in_order = 1, insert_deduplicate = 0, max_execution_time = 30';
/** Ids of series are hashes: equal parts of all numbers hold about as many of them. */
const ALL_IDS = 1n << 64n;

/** A table that is rolled up, and how. */
export interface Rolling {
  readonly source: string;
  readonly target: string;
  /** Rows that one statement reads, about. */
  readonly mostRows: number;
  /** Rolls up what the condition selects. */
  rollUp(day: string, condition: string): string;
  /** Marks the day as whole, after all else. */
  mark(day: string, version: string): string;
}

/** A day that is rolled up as a whole. */
export interface RolledDay {
  /** The newest among its samples then. */
  readonly version: string;
  /** How many they were, stale markers not counted; 0 where nobody counted. */
  readonly samples: number;
}

/** The newest version among a day's rows; 0 where it has none. */
export async function newestVersion(clickHouse: ClickHouse, { source }: Rolling, day: string): Promise<string> {
  const [row] = await clickHouse.query<{ version: string }>(
    `SELECT toString(max(version)) AS version FROM ${source} WHERE ${samplesOf(day)} SETTINGS max_threads = 1`,
  );
  return row!.version;
}

/** By day: those that are rolled up as a whole. */
export async function rolledDays(clickHouse: ClickHouse, { target }: Rolling): Promise<Map<string, RolledDay>> {
  const rows = await clickHouse.query<RolledDay & { day: string }>(
    `SELECT toString(toDate(bucket - 1)) AS day, toString(max(version)) AS version, max(sum) AS samples FROM ${target}
     WHERE metric = '' GROUP BY day`,
  );
  return new Map(rows.map(({ day, ...rolled }) => [day, rolled]));
}

/**
 * The statements that roll a day (`2026-01-31`, UTC) up, each for a bounded number of its samples. Running them, or some
 * of them, again writes the same rows again, of which one counts. The last one marks the day as whole.
 */
export async function rollupStatements(
  clickHouse: ClickHouse,
  rolling: Rolling,
  day: string,
  version: string,
): Promise<string[]> {
  const metrics = await clickHouse.query<{ metric: string; rows: number }>(
    `SELECT metric, count() AS rows FROM ${rolling.source} WHERE ${samplesOf(day)}
     GROUP BY metric ORDER BY metric SETTINGS max_threads = 1`,
  );
  const statements = partsOf(metrics, rolling.mostRows).map((condition) => rolling.rollUp(day, condition));
  return [...statements, rolling.mark(day, version)].map((statement) => `${statement}\n${SETTINGS}`);
}

/** Small metrics together, large ones in pieces. */
function partsOf(metrics: readonly { readonly metric: string; readonly rows: number }[], mostRows: number): string[] {
  const parts: string[] = [];
  let names: string[] = [];
  let rows = 0;
  const endPart = () => {
    if (names.length > 0) parts.push(`metric IN (${names.map(quoteString).join(', ')})`);
    names = [];
    rows = 0;
  };
  for (const each of metrics) {
    if (rows + each.rows > mostRows) endPart();
    if (each.rows > mostRows) {
      const pieces = BigInt(Math.ceil(each.rows / mostRows));
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

/** Of all rollups of the day: the last one ends at the midnight after it. */
export function samplesOf(day: string): string {
  const from = Date.parse(`${day}T00:00:00Z`);
  return `timestamp > fromUnixTimestamp64Milli(${from}, 'UTC') AND timestamp <= fromUnixTimestamp64Milli(${from + DAY_MS}, 'UTC')`;
}

/** The end of the bucket that a row's timestamp lies in. */
export const BUCKET = `toDateTime(intDiv(toUnixTimestamp64Milli(timestamp) + ${ROLLUP_MS - 1}, ${ROLLUP_MS}) * ${ROLLUP_MS / 1000}, 'UTC')`;

/** The last bucket of a day. */
export function lastBucket(day: string): string {
  return `toDateTime(${quoteString(day)}, 'UTC') + toIntervalDay(1)`;
}

/**
 * The version of a rollup: the one of more samples wins, of equally many the newer one. What remains of a day whose
 * samples went does not replace what was made of all of them.
 */
export function versionOf(samples: string, newest: string): string {
  return `bitOr(bitShiftLeft(toUInt64(least(${samples}, 4095)), 52), ${newest})`;
}
