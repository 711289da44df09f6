import type { NativeHistogram } from '../../../model/native-histogram.ts';
import type { RollupColumns } from '../../../model/rollup.ts';
import type { Evaluator } from './evaluator-contract.ts';
import type { Grid } from './grid.ts';
import {
  type HistogramColumn,
  type RangeSeries,
  type RangeVector,
  SeriesBuilder,
  type VectorSeries,
} from './values.ts';

/** The samples of one step of one series: those at `from <= i < to`; never empty. One object, moved on. */
export interface Window {
  timestamps: Float64Array;
  values: Float64Array;
  /** Left out where all samples of the series are floats. */
  histograms?: HistogramColumn | undefined;
  /** Start timestamps of the samples, 0 for none; left out where there is none at all. */
  starts?: Float64Array | undefined;
  /** What the samples stand for; left out where each stands for itself. */
  rollup?: RollupColumns | undefined;
  from: number;
  to: number;
  /** The window is `start < t <= end`, Unix milliseconds. */
  start: number;
  end: number;
  /** Index of the step, and its time. */
  step: number;
  time: number;
}

/** The function's value over a window of floats; `undefined` for none. */
export type WindowFunction = (window: Window, series: RangeSeries) => number | undefined;
/** The same over a window with at least one histogram. */
export type MixedFunction = (window: Window, series: RangeSeries) => number | NativeHistogram | undefined;

export interface WindowOptions {
  readonly keepsName?: boolean;
  /** Left out: nothing comes of windows with histograms. */
  readonly mixed?: MixedFunction | undefined;
}

/** Samples that are looked at before it is asked whether it is time to give way. */
const WORK_BETWEEN_PAUSES = 100_000;

/** A function of range vectors, applied to each series at each step. Series without any value are left out. */
export async function overWindows(
  ranges: RangeVector,
  grid: Grid,
  evaluator: Evaluator,
  compute: WindowFunction,
  options: WindowOptions = {},
): Promise<VectorSeries[]> {
  const { context } = evaluator;
  const result: VectorSeries[] = [];
  for (const series of ranges.series) {
    const built = new SeriesBuilder(series.labels, series.dropName || options.keepsName !== true, grid.count);
    const sliding = new Sliding(series, ranges, grid, built);
    while (!sliding.advance(compute, options.mixed)) if (context.isDue) await context.pause();
    if (built.count > 0) {
      context.hold(grid.count);
      result.push(built);
    }
    if (context.isDue) await context.pause();
  }
  return result;
}

/** A window on its way over one series. */
class Sliding {
  readonly #series: RangeSeries;
  readonly #ranges: RangeVector;
  readonly #grid: Grid;
  readonly #built: SeriesBuilder;
  readonly #window: Window;
  #step = 0;

  constructor(series: RangeSeries, ranges: RangeVector, grid: Grid, built: SeriesBuilder) {
    this.#series = series;
    this.#ranges = ranges;
    this.#grid = grid;
    this.#built = built;
    const { timestamps, values, histograms, starts, rollup } = series;
    const nowhere = { from: 0, to: 0, start: 0, end: 0, step: 0, time: 0 };
    this.#window = { timestamps, values, histograms, starts, rollup, ...nowhere };
  }

  /** Goes on for a while; true when all steps are done. */
  advance(compute: WindowFunction, mixed: MixedFunction | undefined): boolean {
    const window = this.#window;
    const { timestamps, histograms } = window;
    const { ends, width } = this.#ranges;
    const size = timestamps.length;
    let work = 0;
    for (; this.#step < this.#grid.count; this.#step++) {
      if (work > WORK_BETWEEN_PAUSES) return false;
      const end = ends[this.#step]!;
      const start = end - width;
      while (window.to < size && timestamps[window.to]! <= end) window.to++;
      while (window.from < window.to && timestamps[window.from]! <= start) window.from++;
      work += window.to - window.from + 1;
      if (window.from === window.to) continue;
      window.start = start;
      window.end = end;
      window.step = this.#step;
      window.time = this.#grid.start + this.#step * this.#grid.step;
      const value = histograms && hasHistogram(window) ? mixed?.(window, this.#series) : compute(window, this.#series);
      if (value !== undefined) this.#built.store(this.#step, value);
    }
    return true;
  }
}

export function hasHistogram({ histograms, from, to }: Window): boolean {
  if (histograms) for (let i = from; i < to; i++) if (histograms[i]) return true;
  return false;
}

/** The floats of a window, as a window of their own; `undefined` where there are none. */
export function floatsOf(window: Window): Window | undefined {
  const { timestamps, values, histograms, from, to } = window;
  const kept: number[] = [];
  for (let i = from; i < to; i++) if (!histograms?.[i]) kept.push(i);
  if (kept.length === 0) return undefined;
  return {
    ...window,
    timestamps: Float64Array.from(kept, (i) => timestamps[i]!),
    values: Float64Array.from(kept, (i) => values[i]!),
    histograms: undefined,
    starts: undefined,
    rollup: undefined,
    from: 0,
    to: kept.length,
  };
}
