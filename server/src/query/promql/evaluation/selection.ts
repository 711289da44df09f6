import type { SourceSeries } from '../series-source.ts';
import { evaluateDuration } from '../syntax/durations.ts';
import type { DurationExpression, MatrixSelector, TimeModifiers, VectorSelector } from '../syntax/expression.ts';
import type { EvaluationContext } from './context.ts';
import { executionError } from './errors.ts';
import { type Grid, lastOf } from './grid.ts';
import { remarkOnRollups } from './rollup-remarks.ts';
import { Smoothing } from './smoothing.ts';
import { isStale, wordsOf } from './stale.ts';
import { type RangeSeries, type RangeVector, SeriesBuilder, type VectorSeries } from './values.ts';

/** Milliseconds, rounded, of a duration in this query. */
export function durationOf(context: EvaluationContext, duration: DurationExpression): number {
  const { start, end, step } = context.times;
  return Math.round(evaluateDuration(duration, { step, range: end - start })!);
}

/** The times of the grid as a selector or subquery with these modifiers sees them. */
export function modifiedGrid(context: EvaluationContext, modifiers: TimeModifiers, grid: Grid): Grid {
  const offset = modifiers.offset ? durationOf(context, modifiers.offset) : 0;
  const { at } = modifiers;
  if (at === undefined) return { ...grid, start: grid.start - offset };
  const fixed = at === 'start' ? context.times.start : at === 'end' ? context.times.end : at;
  return { start: fixed - offset, step: 0, count: grid.count };
}

/**
 * What an instant selector gives at each step: values, or the times of the samples in seconds (for `timestamp`), or since
 * when they count (for `start_timestamp`; 0 where nobody said).
 */
export async function selectInstant(
  context: EvaluationContext,
  selector: VectorSelector,
  grid: Grid,
  wanted: Wanted = 'values',
): Promise<VectorSeries[]> {
  const seen = modifiedGrid(context, selector.modifiers, grid);
  const lookback = context.limits.lookbackMs;
  const ahead = selector.extension === 'smoothed' ? lookback : 0;
  const loaded = await context.select(selector, seen.start - lookback + 1, lastOf(seen) + ahead);
  remarkOnRollups(context, selector, loaded);
  const smoothing = ahead > 0 ? new Smoothing(seen, lookback, selector.span, context.annotations) : undefined;
  const result: VectorSeries[] = [];
  for (const series of loaded) {
    const built = smoothing?.smooth(series) ?? newestSamples(series, seen, lookback, wanted);
    if (built.count > 0) {
      context.hold(grid.count);
      result.push(built);
    }
    if (context.isDue) await context.pause();
  }
  return result;
}

type Wanted = 'values' | 'timestamps' | 'startTimestamps';

const NO_TIMES = new Float64Array();

function newestSamples(series: SourceSeries, grid: Grid, lookback: number, wanted: Wanted): SeriesBuilder {
  const { timestamps, values, histograms } = series;
  const times = wanted === 'values' ? undefined : (series[wanted] ?? NO_TIMES);
  const words = wordsOf(values);
  const built = new SeriesBuilder(series.labels, times !== undefined, grid.count);
  let at = -1;
  for (let step = 0; step < grid.count; step++) {
    const time = grid.start + step * grid.step;
    while (at + 1 < timestamps.length && timestamps[at + 1]! <= time) at++;
    if (at < 0 || timestamps[at]! <= time - lookback) continue;
    const value = values[at]!;
    if (Number.isNaN(value) && !histograms?.[at] && isStale(words, at)) continue;
    if (times) built.set(step, (times[at] ?? 0) / 1000);
    else built.store(step, histograms?.[at] ?? value);
  }
  return built;
}

export async function selectRange(
  context: EvaluationContext,
  expression: MatrixSelector,
  grid: Grid,
): Promise<RangeVector> {
  const width = durationOf(context, expression.range);
  if (!(width > 0)) throw executionError('duration must be greater than 0');
  const { selector } = expression;
  const seen = modifiedGrid(context, selector.modifiers, grid);
  const before = selector.extension ? context.limits.lookbackMs : 0;
  const after = selector.extension === 'smoothed' ? context.limits.lookbackMs : 0;
  const loaded = await context.select(selector, seen.start - width - before + 1, lastOf(seen) + after);
  remarkOnRollups(context, selector, loaded, { width, grid: seen });
  const series: RangeSeries[] = [];
  for (const one of loaded) {
    series.push(withoutStale(one));
    if (context.isDue) await context.pause();
  }
  return { series, width, ends: timesOf(seen), extension: selector.extension };
}

export function timesOf(grid: Grid): Float64Array {
  const times = new Float64Array(grid.count);
  for (let step = 0; step < grid.count; step++) times[step] = grid.start + step * grid.step;
  return times;
}

function withoutStale(series: SourceSeries): RangeSeries {
  const { labels, timestamps, values, histograms, startTimestamps: starts, rollup } = series;
  // Most series have no NaN at all, and this looks at every sample of every query.
  let first = 0;
  while (first < values.length && !Number.isNaN(values[first])) first++;
  if (first === values.length) return { labels, dropName: false, timestamps, values, histograms, starts, rollup };
  const words = wordsOf(values);
  const staleAt = (i: number) => Number.isNaN(values[i]) && !histograms?.[i] && isStale(words, i);
  let stale = 0;
  for (let i = first; i < values.length; i++) if (staleAt(i)) stale++;
  if (stale === 0) return { labels, dropName: false, timestamps, values, histograms, starts, rollup };
  const keptTimes = new Float64Array(values.length - stale);
  const keptValues = new Float64Array(values.length - stale);
  const keptHistograms = histograms?.filter((_, i) => !staleAt(i));
  const keptStarts = starts?.filter((_, i) => !staleAt(i));
  const withoutStaleRows = (column: Float64Array) => column.filter((_, i) => !staleAt(i));
  let kept = 0;
  for (let i = 0; i < values.length; i++) {
    if (staleAt(i)) continue;
    keptTimes[kept] = timestamps[i]!;
    keptValues[kept++] = values[i]!;
  }
  return {
    labels,
    dropName: false,
    timestamps: keptTimes,
    values: keptValues,
    histograms: keptHistograms,
    starts: keptStarts,
    rollup: rollup && {
      until: rollup.until,
      counts: withoutStaleRows(rollup.counts),
      sums: withoutStaleRows(rollup.sums),
      mins: withoutStaleRows(rollup.mins),
      maxs: withoutStaleRows(rollup.maxs),
    },
  };
}
