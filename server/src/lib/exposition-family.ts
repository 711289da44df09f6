import type { MetricType } from '../model/metric.ts';
import { parseNumber } from './exposition-scanner.ts';

/** What an exposition says about a metric family. */
export interface ExpositionFamily {
  readonly name: string;
  type: MetricType;
  unit: string;
  help: string;
}

/** Suffixes that the samples of a family may have besides none. */
export const SUFFIXES: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [],
  histogram: ['_bucket', '_count', '_sum', '_created'],
  gaugehistogram: ['_bucket', '_gcount', '_gsum'],
  summary: ['_count', '_sum', '_created'],
  info: ['_info'],
  stateset: [],
  unknown: [],
};

/** Types none of whose samples is named like the family. */
const NEEDS_SUFFIX: ReadonlySet<MetricType> = new Set<MetricType>(['counter', 'histogram', 'gaugehistogram', 'info']);

export interface CheckedSample {
  readonly suffix: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  readonly hasExemplar: boolean;
}

/** What is wrong with a bucket or a quantile in either format, if anything. */
export function flawOfPart({ type }: ExpositionFamily, { suffix, labels }: CheckedSample): string | undefined {
  if (suffix === '_bucket' && parseNumber(labels.le ?? '') === undefined)
    return 'a bucket needs a number as its label le';
  if (type !== 'summary' || suffix !== '' || labels.quantile === undefined) return undefined;
  return parseNumber(labels.quantile) === undefined ? 'the label quantile is not a number' : undefined;
}

/** What OpenMetrics forbids in a sample of a family, if anything. */
export function flawInOpenMetrics(family: ExpositionFamily, sample: CheckedSample): string | undefined {
  const { type, name } = family;
  const { suffix, labels, value, hasExemplar } = sample;
  if (suffix === '' && NEEDS_SUFFIX.has(type)) {
    return `a sample of the ${type} ${name} is named ${SUFFIXES[type].map((end) => name + end).join(', ')}`;
  }
  const counts = suffix === '_bucket' || suffix === '_count' || suffix === '_gcount';
  if ((counts || suffix === '_total') && !(value >= 0)) return 'a count cannot be negative or NaN';
  if (counts && !Number.isInteger(value)) return 'a count of events is a whole number';
  if ((suffix === '_sum' || suffix === '_gsum') && Number.isNaN(value)) return 'a sum cannot be NaN';
  if (suffix === '_sum' && value < 0) return 'a sum cannot be negative';
  if (type === 'info' && value !== 1) return 'an info metric has the value 1';
  if (type === 'stateset' && ((value !== 0 && value !== 1) || labels[name] === undefined)) {
    return 'a state has its label and the value 0 or 1';
  }
  if (suffix === '_bucket' && /inf/i.test(labels.le ?? '') && labels.le !== '+Inf') return 'the last bucket is +Inf';
  if (type === 'summary' && suffix === '' && !isQuantile(labels.quantile)) return 'a quantile lies between 0 and 1';
  if (type === 'summary' && suffix === '' && value < 0) return 'the value of a quantile cannot be negative';
  return hasExemplar && suffix !== '_total' && suffix !== '_bucket'
    ? 'exemplars stand at buckets and counters'
    : undefined;
}

function isQuantile(text: string | undefined): boolean {
  const quantile = parseNumber(text ?? '');
  return quantile !== undefined && quantile >= 0 && quantile <= 1;
}
