import type { ProtobufReader } from '../../../lib/protobuf-reader.ts';
import {
  type Buckets,
  type ExponentialHistogramPoint,
  type HistogramPoint,
  MOST_BUCKETS,
  toMilliseconds,
} from '../metrics/otlp-metric.ts';
import { readKeyValue } from './common.ts';
import { readExemplar } from './exemplars.ts';

const KEPT = MOST_BUCKETS + 1;

export function readHistogramPoint(reader: ProtobufReader): HistogramPoint {
  const point: HistogramPoint = {
    attributes: {},
    startTime: 0,
    time: 0,
    flags: 0,
    count: 0,
    sum: undefined,
    bucketCounts: [],
    explicitBounds: [],
  };
  const outer = reader.enter();
  while (reader.next()) {
    switch (reader.field) {
      case 2:
        point.startTime = toMilliseconds(reader.fixed64());
        break;
      case 3:
        point.time = toMilliseconds(reader.fixed64());
        break;
      case 4:
        point.count = reader.fixed64Number();
        break;
      case 5:
        point.sum = reader.double();
        break;
      case 6:
        reader.fixed64Numbers(point.bucketCounts, KEPT);
        break;
      case 7:
        reader.doubles(point.explicitBounds, KEPT);
        break;
      case 8:
        point.exemplars = readExemplar(reader, point.exemplars);
        break;
      case 9:
        readKeyValue(reader, point.attributes);
        break;
      case 10:
        point.flags = reader.int32();
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  return point;
}

export function readExponentialHistogramPoint(reader: ProtobufReader): ExponentialHistogramPoint {
  const point: ExponentialHistogramPoint = {
    attributes: {},
    startTime: 0,
    time: 0,
    flags: 0,
    count: 0,
    sum: undefined,
    scale: 0,
    zeroCount: 0,
    zeroThreshold: 0,
    positive: { offset: 0, counts: [] },
    negative: { offset: 0, counts: [] },
  };
  const outer = reader.enter();
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        readKeyValue(reader, point.attributes);
        break;
      case 2:
        point.startTime = toMilliseconds(reader.fixed64());
        break;
      case 3:
        point.time = toMilliseconds(reader.fixed64());
        break;
      case 4:
        point.count = reader.fixed64Number();
        break;
      case 5:
        point.sum = reader.double();
        break;
      case 6:
        point.scale = reader.sint32();
        break;
      case 7:
        point.zeroCount = reader.fixed64Number();
        break;
      case 8:
        point.positive = readBuckets(reader);
        break;
      case 9:
        point.negative = readBuckets(reader);
        break;
      case 10:
        point.flags = reader.int32();
        break;
      case 11:
        point.exemplars = readExemplar(reader, point.exemplars);
        break;
      case 14:
        point.zeroThreshold = reader.double();
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  return point;
}

function readBuckets(reader: ProtobufReader): Buckets {
  const buckets: Buckets = { offset: 0, counts: [] };
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) buckets.offset = reader.sint32();
    else if (reader.field === 2) reader.uint64s(buckets.counts, KEPT);
    else reader.skip();
  }
  reader.leave(outer);
  return buckets;
}
