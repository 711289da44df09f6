import { ProtobufReader, type StringCache } from '../../../lib/protobuf-reader.ts';
import { ItemBudget } from '../item-budget.ts';
import {
  emptyMetric,
  type MetricData,
  type MetricGroup,
  type NumberPoint,
  type OtlpMetric,
  type SummaryPoint,
  toMilliseconds,
} from '../metrics/otlp-metric.ts';
import { readGroups, readKeyValue } from './common.ts';
import { readExemplar } from './exemplars.ts';
import { readExponentialHistogramPoint, readHistogramPoint } from './histogram-points.ts';

/** Metrics of an `ExportMetricsServiceRequest`. Throws `ProtobufError` where the bytes are none. */
export function decodeMetrics(bytes: Uint8Array, strings: StringCache): MetricGroup[] {
  const reader = new ProtobufReader(bytes, strings);
  const budget = new ItemBudget();
  const groups: MetricGroup[] = [];
  readGroups(reader, (resource, scope) => {
    const group: MetricGroup = { resource, scope, metrics: [] };
    groups.push(group);
    return () => {
      budget.spend();
      group.metrics.push(readMetric(reader, budget));
    };
  });
  return groups;
}

/** opentelemetry/proto/metrics/v1/metrics.proto */
function readMetric(reader: ProtobufReader, budget: ItemBudget): OtlpMetric {
  const metric = emptyMetric();
  const metadata: Record<string, string> = {};
  const outer = reader.enter();
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        metric.name = reader.string();
        break;
      case 2:
        metric.description = reader.string();
        break;
      case 3:
        metric.unit = reader.string();
        break;
      case 5:
        metric.data = readGauge(reader, budget);
        break;
      case 7:
        metric.data = readSum(reader, budget);
        break;
      case 9:
        metric.data = readHistogram(reader, budget);
        break;
      case 10:
        metric.data = readExponentialHistogram(reader, budget);
        break;
      case 11:
        metric.data = readSummary(reader, budget);
        break;
      case 12:
        readKeyValue(reader, metadata);
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  metric.prometheusType = metadata['prometheus.type'] ?? '';
  return metric;
}

/** Reads `{data_points = 1, aggregation_temporality = 2, is_monotonic = 3}`, the shape of all kinds of data. */
function readData<P>(
  reader: ProtobufReader,
  budget: ItemBudget,
  points: P[],
  readPoint: (reader: ProtobufReader) => P,
): { temporality: number; monotonic: boolean } {
  const about = { temporality: 0, monotonic: false };
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) {
      budget.spend();
      points.push(readPoint(reader));
    } else if (reader.field === 2) about.temporality = reader.int32();
    else if (reader.field === 3) about.monotonic = reader.bool();
    else reader.skip();
  }
  reader.leave(outer);
  return about;
}

function readGauge(reader: ProtobufReader, budget: ItemBudget): MetricData {
  const points: NumberPoint[] = [];
  readData(reader, budget, points, readNumberPoint);
  return { kind: 'gauge', points };
}

function readSum(reader: ProtobufReader, budget: ItemBudget): MetricData {
  const points: NumberPoint[] = [];
  return { kind: 'sum', points, ...readData(reader, budget, points, readNumberPoint) };
}

function readHistogram(reader: ProtobufReader, budget: ItemBudget): MetricData {
  const points: ReturnType<typeof readHistogramPoint>[] = [];
  const { temporality } = readData(reader, budget, points, readHistogramPoint);
  return { kind: 'histogram', points, temporality };
}

function readExponentialHistogram(reader: ProtobufReader, budget: ItemBudget): MetricData {
  const points: ReturnType<typeof readExponentialHistogramPoint>[] = [];
  const { temporality } = readData(reader, budget, points, readExponentialHistogramPoint);
  return { kind: 'exponential_histogram', points, temporality };
}

function readSummary(reader: ProtobufReader, budget: ItemBudget): MetricData {
  const points: SummaryPoint[] = [];
  readData(reader, budget, points, readSummaryPoint);
  return { kind: 'summary', points };
}

function readNumberPoint(reader: ProtobufReader): NumberPoint {
  const point: NumberPoint = { attributes: {}, startTime: 0, time: 0, flags: 0, value: undefined };
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 7) readKeyValue(reader, point.attributes);
    else if (reader.field === 2) point.startTime = toMilliseconds(reader.fixed64());
    else if (reader.field === 3) point.time = toMilliseconds(reader.fixed64());
    else if (reader.field === 4) point.value = reader.double();
    else if (reader.field === 6) point.value = reader.sfixed64Number();
    else if (reader.field === 5) point.exemplars = readExemplar(reader, point.exemplars);
    else if (reader.field === 8) point.flags = reader.int32();
    else reader.skip();
  }
  reader.leave(outer);
  return point;
}

function readSummaryPoint(reader: ProtobufReader): SummaryPoint {
  const point: SummaryPoint = { attributes: {}, startTime: 0, time: 0, flags: 0, count: 0, sum: 0, quantiles: [] };
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 7) readKeyValue(reader, point.attributes);
    else if (reader.field === 2) point.startTime = toMilliseconds(reader.fixed64());
    else if (reader.field === 3) point.time = toMilliseconds(reader.fixed64());
    else if (reader.field === 4) point.count = reader.fixed64Number();
    else if (reader.field === 5) point.sum = reader.double();
    else if (reader.field === 6) point.quantiles.push(readQuantile(reader));
    else if (reader.field === 8) point.flags = reader.int32();
    else reader.skip();
  }
  reader.leave(outer);
  return point;
}

function readQuantile(reader: ProtobufReader): { quantile: number; value: number } {
  const result = { quantile: 0, value: 0 };
  const outer = reader.enter();
  while (reader.next()) {
    if (reader.field === 1) result.quantile = reader.double();
    else if (reader.field === 2) result.value = reader.double();
    else reader.skip();
  }
  reader.leave(outer);
  return result;
}
