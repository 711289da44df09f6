import { decodeChunk } from './chunk-codec.ts';
import { ColumnArena } from './column-arena.ts';
import { lowerBound, SampleBuffer } from './sample-buffer.ts';
import type { Segment } from './segments.ts';

/** Samples that were compressed. */
export interface Chunk {
  segment: Segment;
  offset: number;
  readonly size: number;
  readonly count: number;
  /** Times of the first and the last sample. */
  readonly first: number;
  readonly last: number;
}

/** The newest samples of one series: compressed chunks, ascending and apart from each other, then the open block. */
export class RecentSeries {
  chunks: Chunk[] = [];
  open: SampleBuffer | undefined;

  /** Time of the oldest sample; `Infinity` where there is none. */
  get first(): number {
    const { chunks, open } = this;
    if (chunks.length > 0) return chunks[0]!.first;
    return open && open.length > 0 ? open.times[0]! : Number.POSITIVE_INFINITY;
  }

  /** Time of the newest sample; `-Infinity` where there is none. */
  get last(): number {
    const { open } = this;
    if (open && open.length > 0) return open.times[open.length - 1]!;
    return this.chunks.at(-1)?.last ?? Number.NEGATIVE_INFINITY;
  }

  get isEmpty(): boolean {
    return this.chunks.length === 0 && (this.open === undefined || this.open.length === 0);
  }

  /** The position of the chunk that a sample at this time belongs into: the last one that begins at or before it. */
  chunkAt(time: number): number {
    let low = 0;
    let high = this.chunks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.chunks[middle]!.first <= time) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }

  /** Copies of the samples in `start <= t <= end`, taken from `arena`; `undefined` where there is none. */
  read(
    start: number,
    end: number,
    arena = new ColumnArena(),
  ): { timestamps: Float64Array; values: Float64Array } | undefined {
    const { chunks, open } = this;
    scratch.length = 0;
    for (let index = this.chunkAt(start); index < chunks.length; index++) {
      const chunk = chunks[index]!;
      if (chunk.first > end) break;
      if (chunk.last >= start) decodeChunk(chunk.segment.bytes, chunk.offset, chunk.first, chunk.count, scratch);
    }
    if (scratch.length === 0) return open && cut(open, start, end, arena);
    if (open && open.length > 0 && open.times[0]! <= end) {
      scratch.reserve(open.length);
      scratch.times.set(open.times.subarray(0, open.length), scratch.length);
      scratch.values.set(open.values.subarray(0, open.length), scratch.length);
      scratch.length += open.length;
    }
    return cut(scratch, start, end, arena);
  }
}

/** One for all: reading is never interrupted. */
const scratch = new SampleBuffer(8192);

function cut({ times, values, length }: SampleBuffer, start: number, end: number, arena: ColumnArena) {
  const from = lowerBound(times, length, start);
  let to = lowerBound(times, length, end);
  if (to < length && times[to] === end) to++;
  if (from >= to) return undefined;
  return { timestamps: arena.copy(times, from, to), values: arena.copy(values, from, to) };
}
