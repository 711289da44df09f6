import { floatText } from '../../../lib/float-text.ts';
import type { Labels } from '../../../model/labels.ts';
import type { Exemplar, MetricType, SeriesSamples } from '../../../model/metric.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';
import { staleMarkerColumn } from '../../../model/stale-marker.ts';
import type { ItemBudget } from '../item-budget.ts';
import type { HistogramValue } from './histogram.ts';

export interface Family {
  readonly name: string;
  readonly type: MetricType;
  readonly unit: string;
  readonly help: string;
}

/** When, and what else: a series that ended has a marker instead of its value; a new sum has a zero before it. */
export interface Moment {
  readonly time: number;
  readonly stale: boolean;
  readonly zeroAt: number | undefined;
  /** Since when the value counts, Unix milliseconds; 0 where nobody said, and of what does not count. */
  readonly startTime: number;
}

/** Collects the series that metrics become. */
export class SeriesWriter {
  readonly series: SeriesSamples[] = [];
  /** For each series the number of the data point that it comes from; `undefined` for exemplars. */
  readonly pointOf: (number | undefined)[] = [];
  readonly #budget: ItemBudget;
  #point = 0;

  constructor(budget: ItemBudget) {
    this.#budget = budget;
  }

  /** What is added from here on comes from the next data point. */
  nextPoint(): void {
    this.#point++;
  }

  add(family: Family, suffix: string, labels: Labels, value: number, moment: Moment): void {
    this.#budget.spend();
    const { type, unit, help } = family;
    const { startTime } = moment;
    const zero = moment.zeroAt !== undefined && !moment.stale;
    this.pointOf.push(this.#point);
    this.series.push({
      name: family.name + suffix,
      labels,
      type,
      unit,
      help,
      timestamps: zero ? [moment.zeroAt!, moment.time] : [moment.time],
      values: moment.stale ? staleMarkerColumn() : zero ? [0, value] : [value],
      ...(startTime !== 0 && { startTimestamps: zero ? [startTime, startTime] : [startTime] }),
    });
  }

  /** A native histogram; where it is new it needs no zero before it, since it says since when it counts. */
  addNative(family: Family, labels: Labels, histogram: NativeHistogram, { time, stale, startTime }: Moment): void {
    this.#budget.spend();
    const sample = { timestamp: time, startTimestamp: startTime, histogram: stale ? undefined : histogram };
    this.#addBeside(family, '', labels, { histograms: [sample] });
    this.pointOf.push(this.#point);
  }

  /** Exemplars of a series of the present point. */
  addExemplars(family: Family, suffix: string, labels: Labels, exemplars: readonly Exemplar[]): void {
    if (exemplars.length === 0) return;
    this.#budget.spend(exemplars.length);
    this.#addBeside(family, suffix, labels, { exemplars });
    this.pointOf.push(undefined);
  }

  /** Exemplars of a histogram, each at the lowest bucket that counts it. */
  addBucketExemplars(family: Family, labels: Labels, bounds: readonly number[], exemplars: readonly Exemplar[]): void {
    const byBound = Map.groupBy(exemplars, ({ value }) => bounds.find((bound) => value <= bound) ?? Infinity);
    for (const [bound, some] of byBound)
      this.addExemplars(family, '_bucket', { ...labels, le: floatText(bound) }, some);
  }

  #addBeside(
    { name, type, unit, help }: Family,
    suffix: string,
    labels: Labels,
    beside: Pick<SeriesSamples, 'histograms' | 'exemplars'>,
  ): void {
    this.series.push({ name: name + suffix, labels, type, unit, help, timestamps: [], values: [], ...beside });
  }

  /** `_bucket` with `le`, cumulated; `_sum` where there is one; `_count`. */
  addHistogram(family: Family, labels: Labels, value: HistogramValue, moment: Moment): void {
    let below = 0;
    for (const [index, bound] of value.bounds.entries()) {
      below += value.counts[index]!;
      this.add(family, '_bucket', { ...labels, le: floatText(bound) }, below, moment);
    }
    this.add(family, '_bucket', { ...labels, le: '+Inf' }, value.count, moment);
    if (value.sum !== undefined) this.add(family, '_sum', labels, value.sum, moment);
    this.add(family, '_count', labels, value.count, moment);
  }
}
