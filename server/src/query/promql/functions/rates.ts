import { quoteGo } from '../../../lib/go-string.ts';
import { scale } from '../../../lib/native-histogram/buckets.ts';
import { METRIC_NAME } from '../../../model/labels.ts';
import type { Evaluator, FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import type { Grid } from '../evaluation/grid.ts';
import { FLOAT, type RangeVector, type VectorSeries, vector } from '../evaluation/values.ts';
import { type MixedFunction, overWindows, type Window, type WindowFunction } from '../evaluation/windows.ts';
import type { Call } from '../syntax/expression.ts';
import { overlapsPrevious, startedAnew, zeroInside } from './counter-starts.ts';
import { extendedChange, extendedHistogramChange, extendedWindows } from './extended-ranges.ts';
import {
  addedTo,
  changesOfSamples,
  histogramChange,
  instantHistogramChange,
  resetsOfSamples,
} from './histogram-windows.ts';
import { type MixedRule, RangeRemarks, rangeFunction } from './range-function.ts';
import { RemarkableSamples } from './remarkable-samples.ts';

interface Kind {
  /** A counter never falls: where it does it was reset, and it never was below zero. */
  readonly isCounter: boolean;
  /** Per second. */
  readonly isRate: boolean;
}

export const RATES: Readonly<Record<string, FunctionImplementation>> = {
  rate: extrapolating({ isCounter: true, isRate: true }),
  increase: extrapolating({ isCounter: true, isRate: false }),
  delta: extrapolating({ isCounter: false, isRate: false }),
  irate: rangeFunction((window) => instantChange(window, true), { mixed: instantHistogramChange(true) }),
  idelta: rangeFunction((window) => instantChange(window, false), { mixed: instantHistogramChange(false) }),
  changes: counting(({ values }, i) => {
    const [value, previous] = [values[i]!, values[i - 1]!];
    return value !== previous && !(Number.isNaN(value) && Number.isNaN(previous));
  }, changesOfSamples),
  resets: counting(isReset, resetsOfSamples),
};

function extrapolating(kind: Kind): FunctionImplementation {
  return async (call, grid, evaluator) => {
    const ranges = await evaluator.range(call.arguments[0]!, grid);
    const say = new RangeRemarks(call, 0, evaluator);
    const series = ranges.extension
      ? await extendedWindows(
          ranges,
          grid,
          evaluator,
          extendedChange(kind, ranges.extension),
          extendedHistogramChange(kind, ranges.extension, say),
        )
      : await overWindows(ranges, grid, evaluator, extrapolatedChange(kind, say), {
          mixed: extrapolatedHistogram(kind, say),
        });
    if (kind.isCounter) remarkOnNames(series, call, evaluator);
    return vector(series);
  };
}

/**
 * The change over the window as Prometheus extrapolates it: to the window's edges where samples are near them (within
 * 1.1 of the average distance of samples), else by half that distance, and for counters never to below zero.
 */
export function extrapolatedChange(kind: Kind, say?: RangeRemarks): WindowFunction {
  const resets = new RemarkableSamples(isReset);
  const overlaps = new RemarkableSamples(overlapsPrevious);
  return (window, series) => {
    const { values, from, to } = window;
    const zeroAt = kind.isCounter ? zeroInside(window) : undefined;
    if (to - from < 2 && zeroAt === undefined) return undefined;
    const first = values[from]!;
    let change = values[to - 1]! - first;
    if (kind.isCounter) change += lostAtResets(window, resets);
    if (kind.isCounter && window.starts && overlaps.inside(window).length > 0) say?.overlappingStart(series);
    if (zeroAt !== undefined) return (change + first) * extrapolationFrom(zeroAt, window, kind);
    return change * extrapolation(window, kind, first, change);
  };
}

function extrapolatedHistogram(kind: Kind, say: RangeRemarks): MixedFunction {
  const overlaps = new RemarkableSamples(overlapsPrevious);
  return (window, series) => {
    const zeroAt = kind.isCounter ? zeroInside(window) : undefined;
    if (window.to - window.from < 2 && zeroAt === undefined) return undefined;
    const change = histogramChange(window, kind.isCounter, say, series);
    if (!change) return undefined;
    if (kind.isCounter && window.starts && overlaps.inside(window).length > 0) say.overlappingStart(series);
    const first = window.histograms![window.from]!;
    if (zeroAt === undefined) return scale(change, extrapolation(window, kind, first.count, change.count));
    const whole = addedTo(change, first, say, series);
    return whole && scale(whole, extrapolationFrom(zeroAt, window, kind));
  };
}

/** What a change between a window's samples is to be multiplied with to be the change (or rate) of the whole window. */
function extrapolation(window: Window, { isCounter, isRate }: Kind, first: number, change: number): number {
  const { timestamps, from, to } = window;
  const last = to - 1;
  const sampled = (timestamps[last]! - timestamps[from]!) / 1000;
  const average = sampled / (last - from);
  const threshold = average * 1.1;
  let toStart = (timestamps[from]! - window.start) / 1000;
  let toEnd = (window.end - timestamps[last]!) / 1000;
  if (toStart >= threshold) toStart = average / 2;
  if (isCounter && change > 0 && first >= 0) toStart = Math.min(toStart, sampled * (first / change));
  if (toEnd >= threshold) toEnd = average / 2;
  const factor = (sampled + toStart + toEnd) / sampled;
  return isRate ? factor / ((window.end - window.start) / 1000) : factor;
}

/**
 * The same where the counter is known to have been zero at `zeroAt` inside of the window: nothing is to be guessed at
 * the left. A single sample has no distance to others, so that nothing is guessed at the right either.
 */
function extrapolationFrom(zeroAt: number, { timestamps, from, to, start, end }: Window, { isRate }: Kind): number {
  const last = to - 1;
  const average = last === from ? 0 : (timestamps[last]! - timestamps[from]!) / 1000 / (last - from);
  const sampled = (timestamps[last]! - zeroAt) / 1000;
  let toEnd = (end - timestamps[last]!) / 1000;
  if (toEnd >= average * 1.1) toEnd = average / 2;
  const factor = (sampled + toEnd) / sampled;
  return isRate ? factor / ((end - start) / 1000) : factor;
}

function isReset(window: Window, index: number): boolean {
  const { values } = window;
  return values[index]! < values[index - 1]! || startedAnew(window, index);
}

/** What a counter had when it fell back or began anew, summed. */
function lostAtResets(window: Window, resets: RemarkableSamples): number {
  let lost = 0;
  for (const index of resets.inside(window)) lost += window.values[index - 1]!;
  return lost;
}

function instantChange(window: Window, isRate: boolean): number | undefined {
  const { timestamps, values, from, to } = window;
  if (to - from < 2) return undefined;
  const last = values[to - 1]!;
  const previous = values[to - 2]!;
  const milliseconds = timestamps[to - 1]! - timestamps[to - 2]!;
  if (milliseconds === 0) return undefined;
  if (!isRate) return last - previous;
  return (last < previous || startedAnew(window, to - 1) ? last : last - previous) / (milliseconds / 1000);
}

function counting(happened: (window: Window, index: number) => boolean, mixedRule: MixedRule): FunctionImplementation {
  const count: WindowFunction = (window) => {
    let found = 0;
    for (let i = window.from + 1; i < window.to; i++) if (happened(window, i)) found++;
    return found;
  };
  return async (call, grid: Grid, evaluator) => {
    const ranges: RangeVector = await evaluator.range(call.arguments[0]!, grid);
    const mixed = mixedRule(new RangeRemarks(call, 0, evaluator));
    return vector(
      ranges.extension
        ? await extendedWindows(ranges, grid, evaluator, count, mixed)
        : await overWindows(ranges, grid, evaluator, count, { mixed }),
    );
  };
}

/** Says so where the name or type of a metric speaks against a counter. */
function remarkOnNames(series: readonly VectorSeries[], call: Call, evaluator: Evaluator): void {
  const { annotations } = evaluator.context;
  const { span } = call.arguments[0]!;
  for (const { labels, present } of series) {
    if (!present.includes(FLOAT)) continue;
    const name = labels[METRIC_NAME];
    if (!name) continue;
    const type = labels.__type__;
    if (type !== undefined && type !== '') {
      if (type === 'counter' || type === 'histogram') continue;
      annotations.info(
        `metric might not be a counter, __type__ label is not set to "counter" or "histogram", got ${quoteGo(type)}: ${quoteGo(name)}`,
        span,
      );
    } else if (!/_(?:total|sum|count|bucket)$/.test(name)) {
      annotations.info(
        `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${quoteGo(name)}`,
        span,
      );
    }
  }
}
