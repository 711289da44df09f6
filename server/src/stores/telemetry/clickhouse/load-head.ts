import { ServiceError } from '../../../model/errors.ts';
import type { ClickHouse } from '../click-house.ts';
import type { Head } from '../head/head.ts';
import { readSamples } from './sample-reader.ts';
import type { SeriesIndex } from './series-index.ts';

const MINUTE = 60_000;

/** So far back the head is filled, in pieces of this length, milliseconds. */
const LOADED_MS = 720 * MINUTE;
const PIECE_MS = 120 * MINUTE;
/** A piece with more samples is read in smaller ones. */
const PIECE_SAMPLES = 1_000_000;
/** Loading ends with so many. */
const MOST_SAMPLES = 20_000_000;

/**
 * Fills the head of a service that starts with the newest stored samples, the newest first, so that it answers as fast
 * as before. Resolves with how many samples those were; ends early where the signal aborts, or the head is full.
 */
export async function loadHead(
  head: Head,
  clickHouse: ClickHouse,
  index: SeriesIndex,
  signal: AbortSignal,
): Promise<number> {
  const goal = head.coverageStart - LOADED_MS;
  head.keepFrom(goal);
  let loaded = 0;
  let length = PIECE_MS;
  try {
    while (head.coverageStart > goal && loaded < MOST_SAMPLES && length >= MINUTE && !head.isNearlyFull) {
      const end = head.coverageStart;
      const start = Math.max(goal, end - length);
      const count = await loadPiece(head, clickHouse, index, { start, end: end - 1 }, signal);
      if (count === 'too_many') length /= 2;
      else if (count === 'gone') break;
      else loaded += count;
    }
  } finally {
    head.keepFrom(head.coverageStart);
  }
  return loaded;
}

async function loadPiece(
  head: Head,
  clickHouse: ClickHouse,
  index: SeriesIndex,
  range: { readonly start: number; readonly end: number },
  signal: AbortSignal,
): Promise<number | 'too_many' | 'gone'> {
  try {
    const entries = index.select([], range);
    const options = { maxSamples: PIECE_SAMPLES, signal };
    const columns = await readSamples(clickHouse, index, entries, range, options);
    // What had to go meanwhile leaves no place for what is older.
    if (head.coverageStart !== range.end + 1) return 'gone';
    const byLabels = new Map(entries.map((entry) => [entry.labels, entry]));
    const stored = columns.map(({ labels, timestamps, values }) => {
      const entry = byLabels.get(labels)!;
      entry.recent ??= head.newSeries();
      return { series: entry.recent, timestamps, values };
    });
    head.extend(range.start, stored);
    return columns.reduce((sum, { timestamps }) => sum + timestamps.length, 0);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'invalid') return 'too_many';
    throw error;
  }
}
