import { quoteGo } from '../../../lib/go-string.ts';
import { add } from '../../../lib/native-histogram/arithmetic.ts';
import { scale } from '../../../lib/native-histogram/buckets.ts';
import { METRIC_NAME } from '../../../model/labels.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';
import { wasReset } from '../histogram/resets.ts';
import type { SourceSeries } from '../series-source.ts';
import type { Span } from '../syntax/expression.ts';
import type { Annotations } from './annotations.ts';
import type { Grid } from './grid.ts';
import { isStale, wordsOf } from './stale.ts';
import { SeriesBuilder } from './values.ts';

/**
 * `smoothed` instant selectors: the value between the samples around a step, by straight line; the one sample there is
 * where the other side has none within the lookback.
 */
export class Smoothing {
  readonly #grid: Grid;
  readonly #lookback: number;
  readonly #span: Span;
  readonly #annotations: Annotations;

  constructor(grid: Grid, lookback: number, span: Span, annotations: Annotations) {
    this.#grid = grid;
    this.#lookback = lookback;
    this.#span = span;
    this.#annotations = annotations;
  }

  smooth(series: SourceSeries): SeriesBuilder {
    const { timestamps, values, histograms } = series;
    const words = wordsOf(values);
    const grid = this.#grid;
    const built = new SeriesBuilder(series.labels, false, grid.count);
    let after = 0;
    for (let step = 0; step < grid.count; step++) {
      const time = grid.start + step * grid.step;
      while (after < timestamps.length && timestamps[after]! <= time) after++;
      const before = after - 1;
      if (before < 0 || timestamps[before]! <= time - this.#lookback) continue;
      if (Number.isNaN(values[before]) && !histograms?.[before] && isStale(words, before)) continue;
      const value = this.#between(series, words, before, time);
      if (value !== undefined) built.store(step, value);
    }
    return built;
  }

  #between(
    series: SourceSeries,
    words: Uint32Array,
    before: number,
    time: number,
  ): number | NativeHistogram | undefined {
    const { timestamps, values, histograms } = series;
    const after = before + 1;
    const first = histograms?.[before] ?? values[before]!;
    const isLast = after >= timestamps.length || timestamps[after]! > time + this.#lookback;
    if (timestamps[before] === time || isLast) return first;
    if (Number.isNaN(values[after]) && !histograms?.[after] && isStale(words, after)) return first;
    const second = histograms?.[after] ?? values[after]!;
    const share = (time - timestamps[before]!) / (timestamps[after]! - timestamps[before]!);
    if (typeof first === 'number' && typeof second === 'number') return first + (second - first) * share;
    if (typeof first !== 'number' && typeof second !== 'number') {
      if (first.hint !== 'gauge' && wasReset(second, first)) return scale(second, share);
      const between = add(scale(first, 1 - share), scale(second, share));
      if (between) return between.histogram;
      this.#warn('vector contains a mix of histograms with exponential and custom buckets schemas', series);
      return undefined;
    }
    this.#warn('encountered a mix of histograms and floats', series);
    return undefined;
  }

  #warn(text: string, { labels }: SourceSeries): void {
    this.#annotations.warn(`${text} for metric name ${quoteGo(labels[METRIC_NAME] ?? '')}`, this.#span);
  }
}
