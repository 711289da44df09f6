import { quoteGo } from '../../../lib/go-string.ts';
import { METRIC_NAME } from '../../../model/labels.ts';
import type { Evaluator, FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import { type RangeSeries, vector } from '../evaluation/values.ts';
import { floatsOf, type MixedFunction, overWindows, type WindowFunction } from '../evaluation/windows.ts';
import type { Call, Span } from '../syntax/expression.ts';

/** What a function does with windows that hold histograms. */
export type MixedRule = (say: RangeRemarks) => MixedFunction;

/** A function of a range vector alone. */
export function rangeFunction(
  compute: WindowFunction,
  options: { readonly keepsName?: boolean; readonly mixed?: MixedRule } = {},
): FunctionImplementation {
  return async (call, grid, evaluator) => {
    const ranges = await evaluator.range(call.arguments[0]!, grid);
    const remarks = new RangeRemarks(call, 0, evaluator);
    const mixed = options.mixed ? options.mixed(remarks) : ignoringHistograms(compute, remarks);
    return vector(await overWindows(ranges, grid, evaluator, compute, { ...options, mixed }));
  };
}

/** A function of a range vector and scalars, given with the position of the range vector among the arguments. */
export function parametrised(
  position: number,
  make: (scalars: Float64Array[], call: Call, evaluator: Evaluator) => WindowFunction,
): FunctionImplementation {
  return async (call, grid, evaluator) => {
    const others = call.arguments.filter((_, index) => index !== position);
    const [ranges, ...scalars] = await Promise.all([
      evaluator.range(call.arguments[position]!, grid),
      ...others.map((argument) => evaluator.scalar(argument, grid)),
    ]);
    const compute = make(scalars, call, evaluator);
    const mixed = ignoringHistograms(compute, new RangeRemarks(call, position, evaluator));
    return vector(await overWindows(ranges, grid, evaluator, compute, { mixed }));
  };
}

/** The function of the floats alone; where there are both it says so, where there are no floats nothing comes of it. */
function ignoringHistograms(compute: WindowFunction, remarks: RangeRemarks): MixedFunction {
  return (window, series) => {
    const floats = floatsOf(window);
    if (!floats) return undefined;
    const value = compute(floats, series);
    if (value !== undefined) remarks.ignoredHistograms(series);
    return value;
  };
}

/** What functions have to say about series of a range vector. */
export class RangeRemarks {
  readonly #span: Span;
  readonly #evaluator: Evaluator;

  constructor(call: Call, position: number, evaluator: Evaluator) {
    this.#span = call.arguments[position]!.span;
    this.#evaluator = evaluator;
  }

  ignoredHistograms(series: RangeSeries): void {
    const text = `ignored histograms in a range containing both floats and histograms for metric name ${nameOf(series)}`;
    this.#evaluator.context.annotations.info(text, this.#span);
  }

  mixedSamples(series: RangeSeries): void {
    this.#warn(`encountered a mix of histograms and floats for metric name ${nameOf(series)}`);
  }

  mixedSchemas(series: RangeSeries): void {
    this.#warn(
      `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${nameOf(series)}`,
    );
  }

  notCounter(series: RangeSeries): void {
    this.#warn(`this native histogram metric is not a counter: ${nameOf(series)}`);
  }

  notGauge(series: RangeSeries): void {
    this.#warn(`this native histogram metric is not a gauge: ${nameOf(series)}`);
  }

  overlappingStart(series: RangeSeries): void {
    this.#warn(`sample has start time that overlaps with previous sample timestamp for metric ${nameOf(series)}`);
  }

  estimatedOfRollups(series: RangeSeries): void {
    this.#warn(`sums and averages over rollups of native histograms are estimated, for metric name ${nameOf(series)}`);
  }

  collidingResets(action: string): void {
    this.#warn(`conflicting counter resets during histogram ${action}`);
  }

  reconciledBounds(action: string): void {
    this.#evaluator.context.annotations.info(`mismatched custom buckets were reconciled during ${action}`, this.#span);
  }

  #warn(text: string): void {
    this.#evaluator.context.annotations.warn(text, this.#span);
  }
}

function nameOf({ labels }: RangeSeries): string {
  return quoteGo(labels[METRIC_NAME] ?? '');
}
