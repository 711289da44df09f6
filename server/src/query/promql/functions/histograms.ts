import { formatPlain } from '../../../lib/go-float.ts';
import { quoteGo } from '../../../lib/go-string.ts';
import { type Labels, labelsKey, METRIC_NAME } from '../../../model/labels.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';
import { forMetric } from '../evaluation/annotations.ts';
import { executionError } from '../evaluation/errors.ts';
import type { Evaluator, FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import type { Grid } from '../evaluation/grid.ts';
import { withLabel, without } from '../evaluation/labels.ts';
import { FLOAT, HISTOGRAM, SeriesBuilder, type VectorSeries, vector } from '../evaluation/values.ts';
import { type Estimate, histogramFraction, histogramQuantile, histogramVariance } from '../histogram/estimates.ts';
import type { Expression } from '../syntax/expression.ts';
import { type Bucket, type BucketQuantile, bucketFraction, bucketQuantile } from './classic-buckets.ts';
import { isLabelName } from './label-name.ts';
import { warnOfQuantile } from './quantiles.ts';

/** Functions of histograms, classic and native. */
export const HISTOGRAMS: Readonly<Record<string, FunctionImplementation>> = {
  histogram_quantile: async (call, grid, evaluator) => {
    const [parameter, argument] = call.arguments as [Expression, Expression];
    const [quantiles, series] = await Promise.all([
      evaluator.scalar(parameter, grid),
      evaluator.vector(argument, grid),
    ]);
    for (const quantile of new Set(quantiles)) warnOfQuantile(quantile, parameter.span, evaluator.context.annotations);
    const estimator = new HistogramEstimator(series, argument, evaluator, grid);
    return vector(await estimator.estimate(quantileAt((step) => quantiles[step]!)));
  },
  histogram_quantiles: async (call, grid, evaluator) => {
    const [argument, label, ...parameters] = call.arguments as [Expression, Expression, ...Expression[]];
    const name = evaluator.text(label);
    if (!isLabelName(name)) throw executionError(`invalid label name ${quoteGo(name)}`);
    const [series, ...quantiles] = await Promise.all([
      evaluator.vector(argument, grid),
      ...parameters.map((parameter) => evaluator.scalar(parameter, grid)),
    ]);
    const estimator = new HistogramEstimator(series, argument, evaluator, grid);
    const result: VectorSeries[] = [];
    for (const [index, values] of quantiles.entries()) {
      const value = values[0]!;
      warnOfQuantile(value, parameters[index]!.span, evaluator.context.annotations);
      const rule = quantileAt(() => value);
      result.push(...(await estimator.estimate(rule, (labels) => withLabel(labels, name, formatPlain(value)))));
    }
    return vector(result);
  },
  histogram_fraction: async (call, grid, evaluator) => {
    const [low, high, argument] = call.arguments as [Expression, Expression, Expression];
    const [lower, upper, series] = await Promise.all([
      evaluator.scalar(low, grid),
      evaluator.scalar(high, grid),
      evaluator.vector(argument, grid),
    ]);
    const rule: EstimateRule = {
      name: 'histogram_fraction',
      classic: (step, buckets) => bucketFraction(lower[step]!, upper[step]!, buckets),
      native: (step, histogram) => histogramFraction(lower[step]!, upper[step]!, histogram),
    };
    return vector(await new HistogramEstimator(series, argument, evaluator, grid).estimate(rule));
  },
  histogram_avg: ofHistograms((histogram) => histogram.sum / histogram.count),
  histogram_count: ofHistograms((histogram) => histogram.count),
  histogram_stddev: ofHistograms((histogram) => Math.sqrt(histogramVariance(histogram))),
  histogram_stdvar: ofHistograms(histogramVariance),
  histogram_sum: ofHistograms((histogram) => histogram.sum),
};

/** A number of each native histogram; floats have none. */
function ofHistograms(compute: (histogram: NativeHistogram) => number): FunctionImplementation {
  return async (call, grid, evaluator) => {
    const series = await evaluator.vector(call.arguments[0]!, grid);
    const result: VectorSeries[] = [];
    for (const one of series) {
      if (!one.histograms) continue;
      const built = new SeriesBuilder(one.labels, true, grid.count);
      for (let step = 0; step < grid.count; step++) {
        if (one.present[step] === HISTOGRAM) built.set(step, compute(one.histograms[step]!));
      }
      if (built.count > 0) result.push(built);
    }
    return vector(result);
  };
}

interface EstimateRule {
  readonly name: 'histogram_quantile' | 'histogram_fraction';
  classic(step: number, buckets: Bucket[]): BucketQuantile;
  native(step: number, histogram: NativeHistogram): Estimate;
}

function quantileAt(quantile: (step: number) => number): EstimateRule {
  return {
    name: 'histogram_quantile',
    classic: (step, buckets) => bucketQuantile(quantile(step), buckets),
    native: (step, histogram) => histogramQuantile(quantile(step), histogram),
  };
}

/** What belongs together: the buckets of a classic histogram, or a native one, or (by mistake) both. */
interface Family {
  readonly labels: Labels;
  readonly name: string;
  readonly buckets: { readonly upperBound: number; readonly series: VectorSeries }[];
  native: VectorSeries | undefined;
}

const LE: ReadonlySet<string> = new Set(['le']);

class HistogramEstimator {
  readonly #families = new Map<string, Family>();
  readonly #argument: Expression;
  readonly #evaluator: Evaluator;
  readonly #grid: Grid;

  constructor(series: readonly VectorSeries[], argument: Expression, evaluator: Evaluator, grid: Grid) {
    this.#argument = argument;
    this.#evaluator = evaluator;
    this.#grid = grid;
    for (const one of series) {
      if (one.present.includes(FLOAT)) this.#addBucket(one);
      if (one.histograms) this.#family(one.labels).native = one;
    }
  }

  #addBucket(series: VectorSeries): void {
    const le = series.labels.le ?? '';
    const upperBound = parseBound(le);
    if (upperBound === undefined) {
      const name = forMetric(series.labels[METRIC_NAME] ?? '');
      this.#warn(`bucket label "le" is missing or has a malformed value of ${quoteGo(le)}${name}`);
    } else this.#family(without(series.labels, LE)).buckets.push({ upperBound, series });
  }

  #family(labels: Labels): Family {
    const key = labelsKey(labels);
    let family = this.#families.get(key);
    if (!family) {
      family = { labels, name: labels[METRIC_NAME] ?? '', buckets: [], native: undefined };
      this.#families.set(key, family);
    }
    return family;
  }

  async estimate(
    rule: EstimateRule,
    relabel: (labels: Labels) => Labels = (labels) => labels,
  ): Promise<VectorSeries[]> {
    const { context } = this.#evaluator;
    const result: VectorSeries[] = [];
    for (const family of this.#families.values()) {
      const built = new SeriesBuilder(relabel(family.labels), true, this.#grid.count);
      for (let step = 0; step < this.#grid.count; step++) {
        const value = this.#estimateAt(family, step, rule);
        if (value !== undefined) built.set(step, value);
        if (context.isDue) await context.pause();
      }
      if (built.count > 0) {
        context.hold(this.#grid.count);
        result.push(built);
      }
    }
    return result;
  }

  #estimateAt(family: Family, step: number, rule: EstimateRule): number | undefined {
    const native = family.native?.present[step] === HISTOGRAM ? family.native.histograms![step] : undefined;
    const buckets: Bucket[] = [];
    for (const { upperBound, series } of family.buckets) {
      if (series.present[step] === FLOAT) buckets.push({ upperBound, count: series.values[step]! });
    }
    if (native && buckets.length > 0) {
      this.#warn(`vector contains a mix of classic and native histograms${forMetric(family.name)}`);
      return undefined;
    }
    if (native) {
      const { value, nan } = rule.native(step, native);
      if (nan) this.#info(`${NAN_TEXTS[nan]}${forMetric(family.name)}`);
      return value;
    }
    if (buckets.length === 0) return undefined;
    const { value, forcedMonotonic } = rule.classic(step, buckets);
    if (forcedMonotonic) this.#info(`${MONOTONIC_TEXT}${forMetric(family.name)}`);
    return value;
  }

  #warn(text: string): void {
    this.#evaluator.context.annotations.warn(text, this.#argument.span);
  }

  #info(text: string): void {
    this.#evaluator.context.annotations.info(text, this.#argument.span);
  }
}

const MONOTONIC_TEXT =
  'input to histogram_quantile needed to be fixed for monotonicity ' +
  '(see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)';
const NAN_TEXTS = {
  result: 'input to histogram_quantile has NaN observations, result is NaN',
  skew: 'input to histogram_quantile has NaN observations, result is skewed higher',
  excluded: 'input to histogram_fraction has NaN observations, which are excluded from all fractions',
};

function parseBound(text: string): number | undefined {
  if (/^\+?inf(inity)?$/i.test(text)) return Number.POSITIVE_INFINITY;
  if (/^-inf(inity)?$/i.test(text)) return Number.NEGATIVE_INFINITY;
  if (text.trim() !== text || text === '') return undefined;
  const value = Number(text);
  return Number.isNaN(value) ? undefined : value;
}
