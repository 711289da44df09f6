import { floatText } from '../../../lib/float-text.ts';
import type { Labels } from '../../../model/labels.ts';
import type { MetricType, SeriesSamples } from '../../../model/metric.ts';
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
}

/** Collects the series that metrics become. */
export class SeriesWriter {
  readonly series: SeriesSamples[] = [];
  /** For each series the number of the data point that it comes from; a point's series follow each other. */
  readonly pointOf: number[] = [];
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
    });
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
