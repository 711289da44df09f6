import { ProtobufError, type ProtobufReader } from '../../lib/protobuf-reader.ts';
import type { Exemplar } from '../../model/metric.ts';
import type { HistogramBuckets, NativeHistogram } from '../../model/native-histogram.ts';

interface ClassicBucket {
  readonly bound: number;
  readonly value: number;
  readonly exemplar: Exemplar | undefined;
}

export interface ProtobufHistogram {
  readonly count: number;
  readonly sum: number;
  readonly startTimestamp: number | undefined;
  readonly classic: readonly ClassicBucket[];
  /** `undefined` where the histogram has classic buckets only. */
  readonly native: NativeHistogram | undefined;
  readonly exemplars: readonly Exemplar[] | undefined;
}

/** More are a mistake: the widest histogram of the finest schema has about so many. */
const MOST_BUCKETS = 10_000;

/** One side of a native histogram as it stands there. */
class Side {
  readonly spans: number[] = [];
  readonly deltas: number[] = [];
  readonly counts: number[] = [];

  /** Gaps and runs, and counts each against the one before (or as they are), as buckets by their index. */
  toBuckets(): HistogramBuckets {
    const indexes: number[] = [];
    let index = 0;
    for (let span = 0; span < this.spans.length; span += 2) {
      index += this.spans[span]!;
      const end = index + this.spans[span + 1]!;
      if (indexes.length + end - index > MOST_BUCKETS)
        throw new ProtobufError('a native histogram has too many buckets');
      while (index < end) indexes.push(index++);
    }
    const counts = this.counts.length > 0 ? this.counts : runningSums(this.deltas);
    if (counts.length !== indexes.length) {
      throw new ProtobufError(`a native histogram has ${indexes.length} buckets and ${counts.length} counts`);
    }
    if (counts.some((count) => !(count >= 0)))
      throw new ProtobufError('a bucket of a native histogram counts below zero');
    return { indexes, counts };
  }
}

function runningSums(deltas: readonly number[]): number[] {
  let sum = 0;
  return deltas.map((delta) => {
    sum += delta;
    return sum;
  });
}

/** The message Histogram. `time`: of exemplars that have none. */
export function readHistogram(reader: ProtobufReader, isGauge: boolean, time: number): ProtobufHistogram {
  const seen = {
    count: 0,
    floatCount: 0,
    sum: 0,
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    floatZeroCount: 0,
    startTimestamp: undefined as number | undefined,
  };
  const classic: ClassicBucket[] = [];
  const exemplars: Exemplar[] = [];
  const positive = new Side();
  const negative = new Side();
  const outer = reader.enter();
  while (reader.next()) {
    const { field } = reader;
    if (field === 1) seen.count = reader.uint64();
    else if (field === 2) seen.sum = reader.double();
    else if (field === 3) classic.push(readBucket(reader, time));
    else if (field === 4) seen.floatCount = reader.double();
    else if (field === 5) seen.schema = reader.sint32();
    else if (field === 6) seen.zeroThreshold = reader.double();
    else if (field === 7) seen.zeroCount = reader.uint64();
    else if (field === 8) seen.floatZeroCount = reader.double();
    else if (field === 9) readSpan(reader, negative.spans);
    else if (field === 10) reader.sint64s(negative.deltas, MOST_BUCKETS);
    else if (field === 11) reader.doubles(negative.counts, MOST_BUCKETS);
    else if (field === 12) readSpan(reader, positive.spans);
    else if (field === 13) reader.sint64s(positive.deltas, MOST_BUCKETS);
    else if (field === 14) reader.doubles(positive.counts, MOST_BUCKETS);
    else if (field === 15) seen.startTimestamp = readTimestamp(reader);
    else if (field === 16) exemplars.push(readExemplar(reader, time));
    else reader.skip();
  }
  reader.leave(outer);
  const count = seen.floatCount || seen.count;
  const zeroCount = seen.floatZeroCount || seen.zeroCount;
  const { sum, schema, zeroThreshold, startTimestamp } = seen;
  const isNative = positive.spans.length > 0 || negative.spans.length > 0 || zeroThreshold > 0 || zeroCount > 0;
  if (isNative && (schema < -4 || schema > 8)) throw new ProtobufError(`a native histogram has the schema ${schema}`);
  const native = isNative
    ? {
        schema,
        count,
        sum,
        zeroThreshold,
        zeroCount,
        positive: positive.toBuckets(),
        negative: negative.toBuckets(),
        customValues: [],
        hint: isGauge ? ('gauge' as const) : ('unknown' as const),
      }
    : undefined;
  return { count, sum, startTimestamp, classic, native, exemplars: exemplars.length > 0 ? exemplars : undefined };
}

function readBucket(reader: ProtobufReader, time: number): ClassicBucket {
  let count = 0;
  let floatCount = 0;
  let bound = 0;
  let exemplar: Exemplar | undefined;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) count = reader.uint64();
    else if (reader.field === 2) bound = reader.double();
    else if (reader.field === 3) exemplar = readExemplar(reader, time);
    else if (reader.field === 4) floatCount = reader.double();
    else reader.skip();
  }
  reader.leave(outer);
  return { bound, value: floatCount || count, exemplar };
}

function readSpan(reader: ProtobufReader, spans: number[]): void {
  let offset = 0;
  let length = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) offset = reader.sint32();
    else if (reader.field === 2) length = reader.int32() >>> 0;
    else reader.skip();
  }
  reader.leave(outer);
  if (spans.length >= 2 * MOST_BUCKETS) throw new ProtobufError('a native histogram has too many spans');
  spans.push(offset, length);
}

export function readExemplar(reader: ProtobufReader, time: number): Exemplar {
  const labels: [string, string][] = [];
  let value = 0;
  let timestamp = time;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) labels.push(readLabel(reader));
    else if (reader.field === 2) value = reader.double();
    else if (reader.field === 3) timestamp = readTimestamp(reader);
    else reader.skip();
  }
  reader.leave(outer);
  return { labels: Object.fromEntries(labels), value, timestamp };
}

/** A LabelPair. */
export function readLabel(reader: ProtobufReader): [name: string, value: string] {
  let name = '';
  let value = '';
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) name = reader.string();
    else if (reader.field === 2) value = reader.string();
    else reader.skip();
  }
  reader.leave(outer);
  return [name, value];
}

/** google.protobuf.Timestamp as Unix milliseconds. */
export function readTimestamp(reader: ProtobufReader): number {
  let seconds = 0;
  let nanos = 0;
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) seconds = reader.int64();
    else if (reader.field === 2) nanos = reader.int32();
    else reader.skip();
  }
  reader.leave(outer);
  return seconds * 1000 + Math.floor(nanos / 1_000_000);
}
