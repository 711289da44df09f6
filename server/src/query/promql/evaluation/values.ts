import type { Labels } from '../../../model/labels.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';
import type { RollupColumns } from '../../../model/rollup.ts';

/** What stands at a step of a series. */
export const NOTHING = 0;
export const FLOAT = 1;
export const HISTOGRAM = 2;

/** Histograms beside a column of floats; `undefined` where there is a float or nothing. */
export type HistogramColumn = readonly (NativeHistogram | undefined)[];

/** One series of an instant vector over all steps of a grid; nobody changes it once it was handed on. */
export interface VectorSeries {
  readonly labels: Labels;
  /** True: the metric name was invalidated; it is still there for label functions and goes at the end. */
  readonly dropName: boolean;
  /** `NOTHING`, `FLOAT` or `HISTOGRAM`, a step each. */
  readonly present: Uint8Array;
  readonly values: Float64Array;
  /** Left out where no step holds a histogram. */
  readonly histograms?: HistogramColumn | undefined;
}

/** Samples of one series of a range vector, ascending and without stale markers. */
export interface RangeSeries {
  readonly labels: Labels;
  readonly dropName: boolean;
  readonly timestamps: Float64Array;
  readonly values: Float64Array;
  /** Left out where all samples are floats. */
  readonly histograms?: HistogramColumn | undefined;
  /** Start timestamps of the samples, 0 for none; left out where there is none at all, and behind subqueries. */
  readonly starts?: Float64Array | undefined;
  /** What the samples stand for; left out where each stands for itself. */
  readonly rollup?: RollupColumns | undefined;
}

/** Series with a window a step: the samples in `end - width < t <= end`. */
export interface RangeVector {
  readonly series: readonly RangeSeries[];
  /** Milliseconds. */
  readonly width: number;
  /** End of the window of each step. */
  readonly ends: Float64Array;
  readonly extension: 'anchored' | 'smoothed' | undefined;
}

export interface VectorValue {
  readonly type: 'vector';
  readonly series: readonly VectorSeries[];
  /** True: the order means something (`sort`, `topk`). */
  readonly ordered?: boolean;
  /** True: no two series have the same labels, and no name is to be dropped. */
  readonly distinct?: boolean;
}
/** One number a step. */
export interface ScalarValue {
  readonly type: 'scalar';
  readonly values: Float64Array;
}
interface StringValue {
  readonly type: 'string';
  readonly value: string;
}
export type Value = VectorValue | ScalarValue | StringValue;

/** A series under construction. */
export class SeriesBuilder implements VectorSeries {
  readonly labels: Labels;
  dropName: boolean;
  readonly present: Uint8Array;
  readonly values: Float64Array;
  histograms: (NativeHistogram | undefined)[] | undefined;
  /** Steps with a value. */
  count = 0;

  constructor(labels: Labels, dropName: boolean, steps: number) {
    this.labels = labels;
    this.dropName = dropName;
    this.present = new Uint8Array(steps);
    this.values = new Float64Array(steps);
  }

  set(step: number, value: number): void {
    if (this.present[step] === NOTHING) this.count++;
    this.present[step] = FLOAT;
    this.values[step] = value;
  }

  setHistogram(step: number, histogram: NativeHistogram): void {
    if (this.present[step] === NOTHING) this.count++;
    this.present[step] = HISTOGRAM;
    this.histograms ??= new Array<NativeHistogram | undefined>(this.present.length).fill(undefined);
    this.histograms[step] = histogram;
  }

  store(step: number, value: number | NativeHistogram): void {
    if (typeof value === 'number') this.set(step, value);
    else this.setHistogram(step, value);
  }

  /** What another series has at the step, which is not nothing. */
  copy(from: VectorSeries, step: number): void {
    if (from.present[step] === HISTOGRAM) this.setHistogram(step, from.histograms![step]!);
    else this.set(step, from.values[step]!);
  }

  clear(step: number): void {
    if (this.present[step] !== NOTHING) this.count--;
    this.present[step] = NOTHING;
  }
}

export function vector(series: readonly VectorSeries[], ordered = false): VectorValue {
  return ordered ? { type: 'vector', series, ordered } : { type: 'vector', series };
}

export function scalar(values: Float64Array): ScalarValue {
  return { type: 'scalar', values };
}

/** The float or histogram at a step that holds one. */
export function valueAt(series: VectorSeries, step: number): number | NativeHistogram {
  return series.present[step] === HISTOGRAM ? series.histograms![step]! : series.values[step]!;
}

/** The series with their floats only; those that have none are left out. `onIgnored` hears of each with histograms. */
export function floatsOnly(
  series: readonly VectorSeries[],
  onIgnored?: (series: VectorSeries) => void,
): readonly VectorSeries[] {
  if (!series.some((one) => one.histograms)) return series;
  return series.flatMap((one) => {
    if (!one.histograms) return [one];
    onIgnored?.(one);
    const present = one.present.map((kind) => (kind === FLOAT ? FLOAT : NOTHING));
    return present.includes(FLOAT) ? [{ labels: one.labels, dropName: one.dropName, present, values: one.values }] : [];
  });
}
