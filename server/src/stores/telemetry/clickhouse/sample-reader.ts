import { Turns } from '../../../lib/turns.ts';
import { invalid, type ServiceError } from '../../../model/errors.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { ClickHouse } from '../click-house.ts';
import type { SelectOptions, SeriesColumns } from '../metric-store.ts';
import { seriesConditions } from './series-conditions.ts';
import type { SeriesEntry, SeriesIndex } from './series-index.ts';

/** What one call reads where nothing else is said. */
export const MOST_SAMPLES = 5_000_000;

/** UInt64 series, Int64 milliseconds, Float64 value. */
const ROW_BYTES = 24;
const ROW_WORDS = ROW_BYTES / 4;
/** Samples between two pauses. */
export const SAMPLES_A_TURN = 100_000;

/**
 * The samples of `entries` in `start <= t <= end`; entries without samples are left out. `spent`: samples that count
 * towards the limit already.
 */
export async function readSamples(
  clickHouse: ClickHouse,
  index: SeriesIndex,
  entries: readonly SeriesEntry[],
  range: TimeRange,
  options: SelectOptions = {},
  spent = 0,
): Promise<SeriesColumns[]> {
  if (entries.length === 0) return [];
  const most = options.maxSamples ?? MOST_SAMPLES;
  const bytes = await clickHouse.queryBytes(samplesSql(index, entries, range, most - spent + 1), {
    ...(options.pool && { pool: options.pool }),
    ...(options.signal && { signal: options.signal }),
  });
  const wanted = new Map(entries.map((entry) => [entry.id, entry]));
  if (bytes.byteLength / ROW_BYTES > most - spent) throw tooManySamples(most);
  return await splitSeries(bytes, (id) => wanted.get(id));
}

/** In the order of the table's key, so that it is read without sorting. */
function samplesSql(index: SeriesIndex, entries: readonly SeriesEntry[], range: TimeRange, limit: number): string {
  return `SELECT series, timestamp, value
FROM metric_samples
WHERE ${seriesConditions(index, entries, range)}
ORDER BY metric, series, timestamp, version
LIMIT ${limit}
FORMAT RowBinary`;
}

export function tooManySamples(most: number): ServiceError {
  return invalid({ path: 'query', message: `more than ${most} samples; narrow the time window or the selector` });
}

/** Rows to columns by series. Of rows with the same timestamp the last counts: it has the highest version. */
async function splitSeries(
  bytes: Uint8Array,
  entryOf: (id: bigint) => SeriesEntry | undefined,
): Promise<SeriesColumns[]> {
  const turns = new Turns(SAMPLES_A_TURN);
  const rows = bytes.byteLength / ROW_BYTES;
  const words = toWords(bytes);
  const result: SeriesColumns[] = [];
  for (let start = 0; start < rows; ) {
    let end = start + 1;
    while (end < rows && isSameSeries(words, start, end)) end++;
    const id = (BigInt(words[start * ROW_WORDS + 1]!) << 32n) | BigInt(words[start * ROW_WORDS]!);
    const entry = entryOf(id);
    if (entry) result.push({ labels: entry.labels, ...toColumns(words, start, end) });
    if (turns.spend(end - start)) await turns.pause();
    start = end;
  }
  return result;
}

function toWords(bytes: Uint8Array): Uint32Array {
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : bytes.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.byteLength / 4);
}

function isSameSeries(words: Uint32Array, a: number, b: number): boolean {
  return words[a * ROW_WORDS] === words[b * ROW_WORDS] && words[a * ROW_WORDS + 1] === words[b * ROW_WORDS + 1];
}

function isSameTime(words: Uint32Array, a: number, b: number): boolean {
  return words[a * ROW_WORDS + 2] === words[b * ROW_WORDS + 2] && words[a * ROW_WORDS + 3] === words[b * ROW_WORDS + 3];
}

/** Values are copied as bits: NaN with a payload does not always survive as a number. */
function toColumns(words: Uint32Array, start: number, end: number): Pick<SeriesColumns, 'timestamps' | 'values'> {
  let count = 1;
  for (let row = start + 1; row < end; row++) if (!isSameTime(words, row - 1, row)) count++;
  const timestamps = new Float64Array(count);
  const values = new Float64Array(count);
  const valueWords = new Uint32Array(values.buffer);
  let target = 0;
  for (let row = start; row < end; row++) {
    if (row > start && !isSameTime(words, row - 1, row)) target++;
    const at = row * ROW_WORDS;
    timestamps[target] = (words[at + 3]! | 0) * 0x1_0000_0000 + words[at + 2]!;
    valueWords[2 * target] = words[at + 4]!;
    valueWords[2 * target + 1] = words[at + 5]!;
  }
  return { timestamps, values };
}
