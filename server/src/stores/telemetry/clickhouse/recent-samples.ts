import { Turns } from '../../../lib/turns.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import { ColumnArena } from '../head/column-arena.ts';
import type { Head } from '../head/head.ts';
import type { SeriesColumns } from '../metric-store.ts';
import { SAMPLES_A_TURN, tooManySamples } from './sample-reader.ts';
import type { SeriesEntry } from './series-index.ts';

/** Reads the samples of entries from the table; `spent` count towards the limit already. */
type StoredSamples = (
  entries: readonly SeriesEntry[],
  range: TimeRange,
  spent: number,
) => Promise<readonly SeriesColumns[]>;

/**
 * The samples of `entries` in `start <= t <= end`: from the head as far as it reaches back, older ones from the table.
 * Others have their turns meanwhile; where the head then let go of what was still to be read, it is read again in one go,
 * so that there is no gap.
 */
export async function readRecentFirst(
  head: Head,
  entries: readonly SeriesEntry[],
  range: TimeRange,
  maxSamples: number,
  readStored: StoredSamples,
): Promise<SeriesColumns[]> {
  let { coverageStart } = head;
  const since = (start: number) => ({ start: Math.max(range.start, start), end: range.end });
  let recent = await readRecent(entries, since(coverageStart), maxSamples, SAMPLES_A_TURN);
  if (head.coverageStart > Math.max(range.start, coverageStart)) {
    ({ coverageStart } = head);
    recent = await readRecent(entries, since(coverageStart), maxSamples, Number.POSITIVE_INFINITY);
  }
  if (range.start >= coverageStart) return entries.flatMap(({ labels }) => recent.found.get(labels) ?? []);
  const before = { start: range.start, end: Math.min(range.end, coverageStart - 1) };
  const old = entries.filter(({ firstSeen }) => firstSeen <= before.end);
  const stored = await readStored(old, before, recent.count);
  const older = new Map(stored.map((series) => [series.labels, series]));
  return entries.flatMap(({ labels }) => join(older.get(labels), recent.found.get(labels)));
}

async function readRecent(
  entries: readonly SeriesEntry[],
  { start, end }: TimeRange,
  maxSamples: number,
  samplesATurn: number,
) {
  const turns = new Turns(samplesATurn);
  const found = new Map<SeriesColumns['labels'], SeriesColumns>();
  let count = 0;
  if (start > end) return { found, count };
  const arena = new ColumnArena();
  for (const { labels, recent } of entries) {
    const columns = recent?.read(start, end, arena);
    if (!columns) continue;
    count += columns.timestamps.length;
    if (count > maxSamples) throw tooManySamples(maxSamples);
    found.set(labels, { labels, ...columns });
    if (turns.spend(columns.timestamps.length)) await turns.pause();
  }
  return { found, count };
}

function join(older: SeriesColumns | undefined, newer: SeriesColumns | undefined): SeriesColumns[] {
  if (!older || !newer) return [older ?? newer ?? []].flat();
  return [
    {
      labels: newer.labels,
      timestamps: concat(older.timestamps, newer.timestamps),
      values: concat(older.values, newer.values),
    },
  ];
}

function concat(a: Float64Array, b: Float64Array): Float64Array {
  const both = new Float64Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
