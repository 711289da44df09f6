import { labelsKey } from '../model/labels.ts';
import type { CheckedSample, ExpositionFamily } from './exposition-family.ts';
import { parseNumber } from './exposition-scanner.ts';

export interface GroupedSample extends CheckedSample {
  /** As it stands there, not rounded. */
  readonly time: number | undefined;
}

/**
 * How the samples of one family fit together in OpenMetrics: those of one label set (one histogram, one summary) follow
 * each other, at times that do not go back, none twice, and the parts of a histogram agree.
 * https://prometheus.io/docs/specs/om/open_metrics_spec/#overall-structure
 */
export class SampleGroups {
  readonly #family: ExpositionFamily;
  readonly #seen = new Set<string>();
  /** Series of the present group and time. */
  #series = new Set<string>();
  #group: string | undefined;
  #time: number | undefined;
  #histogram: HistogramParts | undefined;

  constructor(family: ExpositionFamily) {
    this.#family = family;
  }

  /** What is wrong with the next sample, seen with those before it. */
  add(sample: GroupedSample): string | undefined {
    const group = this.#groupOf(sample);
    const isSame = group === this.#group;
    const flaw = isSame ? this.#flawOfTime(sample.time) : this.#flawOfNewGroup(group);
    if (flaw !== undefined) return flaw;
    const ended = !isSame || sample.time !== this.#time ? this.end() : undefined;
    if (ended !== undefined) return ended;
    if (!isSame || sample.time !== this.#time) this.#series = new Set();
    const series = `${sample.suffix}\u0003${labelsKey(sample.labels)}`;
    if (this.#series.has(series)) {
      // Exporters cut times: the first of those that have become one counts.
      return sample.time === undefined ? 'the same sample is there twice' : undefined;
    }
    this.#series.add(series);
    this.#group = group;
    this.#time = sample.time;
    const { type } = this.#family;
    if (type !== 'histogram' && type !== 'gaugehistogram') return undefined;
    this.#histogram ??= new HistogramParts(type === 'histogram' ? '_' : '_g');
    return this.#histogram.add(sample);
  }

  /** What the group that ends here lacks. */
  end(): string | undefined {
    const flaw = this.#histogram?.flaw();
    this.#histogram = undefined;
    return flaw;
  }

  /** The labels that the samples of one metric share. All of an info metric count as one. */
  #groupOf({ suffix, labels }: GroupedSample): string {
    const { type, name } = this.#family;
    if (type === 'info') return '';
    let own: string | undefined;
    if (type === 'stateset') own = name;
    else if (type === 'summary' && suffix === '') own = 'quantile';
    else if (suffix === '_bucket' && (type === 'histogram' || type === 'gaugehistogram')) own = 'le';
    if (own === undefined || labels[own] === undefined) return labelsKey(labels);
    const { [own]: _, ...shared } = labels;
    return labelsKey(shared);
  }

  #flawOfNewGroup(group: string): string | undefined {
    if (this.#seen.has(group)) return 'the samples of one label set do not follow each other';
    this.#seen.add(group);
    return undefined;
  }

  #flawOfTime(time: number | undefined): string | undefined {
    if ((time === undefined) !== (this.#time === undefined)) {
      return 'samples of one label set have timestamps or have none';
    }
    if (this.#family.type === 'info' || time === undefined || time >= this.#time!) return undefined;
    return 'the timestamps of one label set go back';
  }
}

/** The parts of one histogram at one time. */
class HistogramParts {
  /** `_` or `_g`: what stands before `count` and `sum`. */
  readonly #prefix: string;
  #bound = Number.NaN;
  #value = 0;
  #count: number | undefined;
  #sum: number | undefined;
  #hasBuckets = false;
  #hasNegativeBuckets = false;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  add({ suffix, labels, value }: GroupedSample): string | undefined {
    if (suffix === `${this.#prefix}count`) this.#count = value;
    else if (suffix === `${this.#prefix}sum`) this.#sum = value;
    if (suffix !== '_bucket') return undefined;
    const bound = parseNumber(labels.le!)!;
    if (this.#hasBuckets && !(bound > this.#bound)) return 'the buckets are not in the order of their bounds';
    if (value < this.#value) return 'a bucket counts less than the one before';
    this.#hasBuckets = true;
    this.#hasNegativeBuckets ||= bound < 0;
    this.#bound = bound;
    this.#value = value;
    return undefined;
  }

  flaw(): string | undefined {
    const [count, sum] = [`${this.#prefix}count`, `${this.#prefix}sum`];
    if (this.#bound !== Number.POSITIVE_INFINITY) return 'a histogram lacks its bucket +Inf';
    if (this.#count !== undefined && this.#count !== this.#value) return `${count} is not the value of the bucket +Inf`;
    if (this.#sum !== undefined && this.#count === undefined) return `a histogram with ${sum} needs ${count}`;
    if (this.#count !== undefined && this.#sum === undefined) return `a histogram with ${count} needs ${sum}`;
    if (this.#sum === undefined || (this.#prefix === '_g' && this.#hasNegativeBuckets)) return undefined;
    if (this.#hasNegativeBuckets) return `a histogram with negative buckets has no ${sum}`;
    return this.#sum < 0 ? `${sum} cannot be negative without negative buckets` : undefined;
  }
}
