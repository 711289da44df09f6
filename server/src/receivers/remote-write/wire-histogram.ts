import type { ProtobufReader } from '../../lib/protobuf-reader.ts';
import type { ResetHint } from '../../model/native-histogram.ts';
import { STALE_MARKER_BITS } from '../../model/stale-marker.ts';

/** A native histogram as it stands in the request. */
export interface WireHistogram {
  timestamp: number;
  /** Unix milliseconds, 0 where there is none. */
  startTimestamp: number;
  count: number;
  sum: number;
  /** The series has ended: nothing else is of meaning. */
  stale: boolean;
  hint: ResetHint;
  schema: number;
  zeroThreshold: number;
  zeroCount: number;
  readonly positive: WireBuckets;
  readonly negative: WireBuckets;
  readonly customBounds: number[];
}

export interface WireBuckets {
  /** Gaps and runs of buckets: offset, length, offset, length, ... */
  readonly spans: number[];
  /** Of integer histograms, each against the one before. */
  readonly deltas: number[];
  /** Of float histograms. */
  readonly counts: number[];
}

/** One more than is taken, so that a longer list is known as such. */
export const MOST_BUCKETS = 2000;
const KEPT = MOST_BUCKETS + 1;
/** `ResetHint` of the message. */
const HINTS: readonly ResetHint[] = ['unknown', 'reset', 'not_reset', 'gauge'];

const sumBits = new DataView(new ArrayBuffer(8));

/**
 * prometheus/prompb/types.proto and io/prometheus/write/v2/types.proto: the fields of `Histogram` are the same, but for
 * the start timestamp, which the first has not.
 */
export function readHistogram(reader: ProtobufReader): WireHistogram {
  const histogram: WireHistogram = {
    timestamp: 0,
    startTimestamp: 0,
    count: 0,
    sum: 0,
    stale: false,
    hint: 'unknown',
    schema: 0,
    zeroThreshold: 0,
    zeroCount: 0,
    positive: { spans: [], deltas: [], counts: [] },
    negative: { spans: [], deltas: [], counts: [] },
    customBounds: [],
  };
  const outer = reader.enter();
  while (reader.next()) readField(reader, histogram);
  reader.leave(outer);
  return histogram;
}

function readField(reader: ProtobufReader, histogram: WireHistogram): void {
  const { positive, negative } = histogram;
  switch (reader.field) {
    case 1:
      histogram.count = reader.uint64();
      break;
    case 2:
      histogram.count = reader.double();
      break;
    case 3:
      reader.doubleInto(sumBits, 0);
      histogram.sum = sumBits.getFloat64(0, true);
      histogram.stale = sumBits.getBigUint64(0, true) === STALE_MARKER_BITS;
      break;
    case 4:
      histogram.schema = reader.sint32();
      break;
    case 5:
      histogram.zeroThreshold = reader.double();
      break;
    case 6:
      histogram.zeroCount = reader.uint64();
      break;
    case 7:
      histogram.zeroCount = reader.double();
      break;
    case 8:
      readSpan(reader, negative.spans);
      break;
    case 9:
      reader.sint64s(negative.deltas, KEPT);
      break;
    case 10:
      reader.doubles(negative.counts, KEPT);
      break;
    case 11:
      readSpan(reader, positive.spans);
      break;
    case 12:
      reader.sint64s(positive.deltas, KEPT);
      break;
    case 13:
      reader.doubles(positive.counts, KEPT);
      break;
    case 14:
      histogram.hint = HINTS[reader.int32()] ?? 'unknown';
      break;
    case 15:
      histogram.timestamp = reader.int64();
      break;
    case 16:
      reader.doubles(histogram.customBounds, KEPT);
      break;
    case 17:
      histogram.startTimestamp = reader.int64();
      break;
    default:
      reader.skip();
  }
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
  if (spans.length < 2 * KEPT) spans.push(offset, length);
}
