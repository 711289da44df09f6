import { ItemBudget } from '../item-budget.ts';
import {
  type Buckets,
  type ExponentialHistogramPoint,
  type HistogramPoint,
  type MetricData,
  type MetricGroup,
  type NumberPoint,
  type OtlpExemplar,
  type OtlpMetric,
  type Point,
  type SummaryPoint,
  toMilliseconds,
} from '../metrics/otlp-metric.ts';
import { attributesField, readGroups } from './common.ts';
import {
  arrayField,
  asDouble,
  asInteger,
  asObject,
  boolField,
  doubleField,
  enumField,
  hexField,
  integerField,
  type JsonObject,
  objectField,
  stringField,
  unsignedField,
} from './fields.ts';

const NAMES = { resources: 'resourceMetrics', scopes: 'scopeMetrics', items: 'metrics' };
const TEMPORALITIES = [
  'AGGREGATION_TEMPORALITY_UNSPECIFIED',
  'AGGREGATION_TEMPORALITY_DELTA',
  'AGGREGATION_TEMPORALITY_CUMULATIVE',
];

/** Metrics of an `ExportMetricsServiceRequest`, parsed from JSON. Throws `malformed` naming the wrong place. */
export function decodeMetrics(request: unknown): MetricGroup[] {
  const budget = new ItemBudget();
  const groups: MetricGroup[] = [];
  readGroups(request, NAMES, (resource, scope) => {
    const group: MetricGroup = { resource, scope, metrics: [] };
    groups.push(group);
    return (item, where) => {
      budget.spend();
      group.metrics.push(readMetric(item, where, budget));
    };
  });
  return groups;
}

function readMetric(item: JsonObject, where: string, budget: ItemBudget): OtlpMetric {
  return {
    name: stringField(item, 'name', where),
    description: stringField(item, 'description', where),
    unit: stringField(item, 'unit', where),
    prometheusType: attributesField(item, 'metadata', where)['prometheus.type'] ?? '',
    data: readData(item, where, budget),
  };
}

function readData(item: JsonObject, where: string, budget: ItemBudget): MetricData | undefined {
  const gauge = objectField(item, 'gauge', where);
  if (gauge) return { kind: 'gauge', points: readPoints(gauge, `${where}.gauge`, budget, readNumberPoint) };
  const sum = objectField(item, 'sum', where);
  if (sum) {
    const whereSum = `${where}.sum`;
    const monotonic = boolField(sum, 'isMonotonic', whereSum);
    const points = readPoints(sum, whereSum, budget, readNumberPoint);
    return { kind: 'sum', temporality: temporalityOf(sum, whereSum), monotonic, points };
  }
  const histogram = objectField(item, 'histogram', where);
  if (histogram) {
    const whereHistogram = `${where}.histogram`;
    const points = readPoints(histogram, whereHistogram, budget, readHistogramPoint);
    return { kind: 'histogram', temporality: temporalityOf(histogram, whereHistogram), points };
  }
  const exponential = objectField(item, 'exponentialHistogram', where);
  if (exponential) {
    const whereExponential = `${where}.exponentialHistogram`;
    const points = readPoints(exponential, whereExponential, budget, readExponentialHistogramPoint);
    return { kind: 'exponential_histogram', temporality: temporalityOf(exponential, whereExponential), points };
  }
  const summary = objectField(item, 'summary', where);
  if (summary) return { kind: 'summary', points: readPoints(summary, `${where}.summary`, budget, readSummaryPoint) };
  return undefined;
}

function temporalityOf(data: JsonObject, where: string): number {
  return enumField(data, 'aggregationTemporality', TEMPORALITIES, where);
}

function readPoints<P>(
  data: JsonObject,
  where: string,
  budget: ItemBudget,
  read: (point: JsonObject, where: string) => P,
): P[] {
  return arrayField(data, 'dataPoints', where).map((entry, index) => {
    budget.spend();
    const whereEntry = `${where}.dataPoints[${index}]`;
    return read(asObject(entry, '', whereEntry), whereEntry);
  });
}

function readPoint(point: JsonObject, where: string): Point {
  return {
    attributes: attributesField(point, 'attributes', where),
    startTime: toMilliseconds(unsignedField(point, 'startTimeUnixNano', where)),
    time: toMilliseconds(unsignedField(point, 'timeUnixNano', where)),
    flags: integerField(point, 'flags', where) ?? 0,
    exemplars: readExemplars(point, where),
  };
}

function readExemplars(point: JsonObject, where: string): OtlpExemplar[] | undefined {
  const entries = arrayField(point, 'exemplars', where);
  if (entries.length === 0) return undefined;
  return entries.map((entry, index) => {
    const whereEntry = `${where}.exemplars[${index}]`;
    const exemplar = asObject(entry, '', whereEntry);
    return {
      attributes: attributesField(exemplar, 'filteredAttributes', whereEntry),
      time: toMilliseconds(unsignedField(exemplar, 'timeUnixNano', whereEntry)),
      value: doubleField(exemplar, 'asDouble', whereEntry) ?? integerField(exemplar, 'asInt', whereEntry),
      traceId: hexField(exemplar, 'traceId', whereEntry),
      spanId: hexField(exemplar, 'spanId', whereEntry),
    };
  });
}

function readNumberPoint(point: JsonObject, where: string): NumberPoint {
  const value = doubleField(point, 'asDouble', where) ?? integerField(point, 'asInt', where);
  return { ...readPoint(point, where), value };
}

function readHistogramPoint(point: JsonObject, where: string): HistogramPoint {
  return {
    ...readPoint(point, where),
    count: Number(unsignedField(point, 'count', where)),
    sum: doubleField(point, 'sum', where),
    bucketCounts: arrayField(point, 'bucketCounts', where).map((count) => asInteger(count, where, 'bucketCounts')),
    explicitBounds: arrayField(point, 'explicitBounds', where).map((bound) => asDouble(bound, where, 'explicitBounds')),
  };
}

function readExponentialHistogramPoint(point: JsonObject, where: string): ExponentialHistogramPoint {
  return {
    ...readPoint(point, where),
    count: Number(unsignedField(point, 'count', where)),
    sum: doubleField(point, 'sum', where),
    scale: integerField(point, 'scale', where) ?? 0,
    zeroCount: Number(unsignedField(point, 'zeroCount', where)),
    zeroThreshold: doubleField(point, 'zeroThreshold', where) ?? 0,
    positive: readBuckets(point, 'positive', where),
    negative: readBuckets(point, 'negative', where),
  };
}

function readBuckets(point: JsonObject, name: string, where: string): Buckets {
  const buckets = objectField(point, name, where);
  if (!buckets) return { offset: 0, counts: [] };
  return {
    offset: integerField(buckets, 'offset', where) ?? 0,
    counts: arrayField(buckets, 'bucketCounts', where).map((count) => asInteger(count, where, 'bucketCounts')),
  };
}

function readSummaryPoint(point: JsonObject, where: string): SummaryPoint {
  return {
    ...readPoint(point, where),
    count: Number(unsignedField(point, 'count', where)),
    sum: doubleField(point, 'sum', where) ?? 0,
    quantiles: arrayField(point, 'quantileValues', where).map((entry) => {
      const value = asObject(entry, where, 'quantileValues');
      return {
        quantile: doubleField(value, 'quantile', where) ?? 0,
        value: doubleField(value, 'value', where) ?? 0,
      };
    }),
  };
}
