import { floatText } from '../../../lib/float-text.ts';
import { add } from '../../../lib/native-histogram/arithmetic.ts';
import type { Attributes } from '../../../model/attributes.ts';
import { labelsKey } from '../../../model/labels.ts';
import type { SeriesSamples } from '../../../model/metric.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';
import { type Rejection, type RejectionReason, RejectionTally } from '../../../pipeline/index.ts';
import { ItemBudget } from '../item-budget.ts';
import { DeltaSums } from './delta-sums.ts';
import { exemplarsOf } from './exemplars.ts';
import { exponentialHistogram } from './exponential-histogram.ts';
import { familyOf } from './family.ts';
import { addHistograms, counterSum, explicitHistogram, type HistogramValue } from './histogram.ts';
import { addLabels } from './label-names.ts';
import type { TranslationStrategy } from './metric-names.ts';
import { type MetricGroup, type OtlpMetric, type Point, type SummaryPoint, TEMPORALITY } from './otlp-metric.ts';
import { type Family, type Moment, SeriesWriter } from './series-writer.ts';
import { scopeLabels, targetInfo, targetLabels } from './target.ts';

const NO_RECORDED_VALUE = 1;

export interface TranslatedMetrics {
  readonly items: SeriesSamples[];
  readonly rejected: Rejection[];
  /** For each series the number of its data point; exemplars, and the `target_info` series at the end, have none. */
  readonly pointOf: readonly (number | undefined)[];
}

/** Labels that all points of a scope have, and those of them that an attribute of a point cannot replace. */
interface Base {
  readonly labels: Readonly<Record<string, string>>;
  readonly reserved: Readonly<Record<string, string>>;
  readonly strategy: TranslationStrategy;
}

/** One request on its way. */
interface Run {
  readonly writer: SeriesWriter;
  readonly rejected: RejectionTally;
}

/** Points whose values add up over time. */
interface Accumulating<P extends Point, Value> {
  readonly points: readonly P[];
  readonly temporality: number;
  readonly sums: DeltaSums<Value>;
  /** The value and its grid, or why there is none. */
  read(point: P): { readonly value: Value; readonly grid: string } | RejectionReason;
  write(labels: Record<string, string>, value: Value, moment: Moment, point: P): void;
}

/**
 * OpenTelemetry metrics as Prometheus series. Remembers the sums of delta metrics: one translator serves all requests.
 * https://opentelemetry.io/docs/specs/otel/compatibility/prometheus_and_openmetrics/#otlp-metric-points-to-prometheus
 */
export class MetricTranslator {
  readonly #sums: DeltaSums<number>;
  readonly #histograms: DeltaSums<HistogramValue>;
  readonly #native: DeltaSums<NativeHistogram>;

  readonly #strategy: TranslationStrategy;

  constructor(options: { readonly maxDeltaSeries: number; readonly strategy: TranslationStrategy }) {
    this.#strategy = options.strategy;
    this.#sums = new DeltaSums(options.maxDeltaSeries, (a, b) => a + b);
    this.#histograms = new DeltaSums(options.maxDeltaSeries, addHistograms);
    this.#native = new DeltaSums(options.maxDeltaSeries, (a, b) => add(a, b)!.histogram);
  }

  /** The series of decoded metrics; data points that give none are counted by reason. */
  translate(groups: readonly MetricGroup[]): TranslatedMetrics {
    const run: Run = { writer: new SeriesWriter(new ItemBudget()), rejected: new RejectionTally() };
    const newest = new Map<Attributes, number>();
    for (const { resource, scope, metrics } of groups) {
      const base = baseOf(resource, scope, this.#strategy);
      for (const metric of metrics) this.#translateMetric(metric, base, run);
      newest.set(resource, Math.max(newest.get(resource) ?? 0, newestTime(metrics)));
    }
    for (const [resource, time] of newest) {
      const info = time === 0 ? undefined : targetInfo(resource, time, this.#strategy);
      if (info) run.writer.series.push(info);
    }
    return { items: run.writer.series, pointOf: run.writer.pointOf, rejected: run.rejected.list() };
  }

  #translateMetric(metric: OtlpMetric, base: Base, run: Run): void {
    const flaw = flawOf(metric, this.#strategy);
    if (flaw) {
      run.rejected.add(flaw, metric.data ? metric.data.points.length : 1);
      return;
    }
    const family = familyOf(metric, this.#strategy);
    const data = metric.data!;
    switch (data.kind) {
      case 'gauge':
        for (const point of data.points) {
          run.writer.nextPoint();
          const labels = labelsOf(point, base);
          if (point.time === 0) run.rejected.add('missing_time');
          else if (point.value === undefined && !isStale(point)) run.rejected.add('invalid_value');
          else run.writer.add(family, '', labels, point.value ?? 0, { ...momentOf(point), startTime: 0 });
        }
        break;
      case 'sum':
        this.#accumulate(family, base, run, {
          ...data,
          sums: this.#sums,
          read: (point) =>
            point.value === undefined && !isStale(point) ? 'invalid_value' : { value: point.value ?? 0, grid: '' },
          write: (labels, value, moment, point) => {
            run.writer.add(family, '', labels, value, data.monotonic ? moment : { ...moment, startTime: 0 });
            if (point.exemplars) run.writer.addExemplars(family, '', labels, exemplarsOf(point, this.#strategy));
          },
        });
        break;
      case 'histogram':
        this.#accumulate(family, base, run, {
          ...data,
          sums: this.#histograms,
          read: (point) => {
            const value = explicitHistogram(point);
            return value ? { value, grid: value.grid } : 'invalid_histogram';
          },
          write: (labels, value, moment, point) => {
            run.writer.addHistogram(family, labels, value, moment);
            if (point.exemplars)
              run.writer.addBucketExemplars(family, labels, value.bounds, exemplarsOf(point, this.#strategy));
          },
        });
        break;
      case 'exponential_histogram':
        this.#accumulate(family, base, run, {
          ...data,
          sums: this.#native,
          read: (point) => {
            const value = exponentialHistogram(point);
            return typeof value === 'string' ? value : { value, grid: '' };
          },
          write: (labels, value, moment, point) => {
            run.writer.addNative(family, labels, value, moment);
            if (point.exemplars) run.writer.addExemplars(family, '', labels, exemplarsOf(point, this.#strategy));
          },
        });
        break;
      case 'summary':
        for (const point of data.points) {
          run.writer.nextPoint();
          if (point.time === 0) run.rejected.add('missing_time');
          else writeSummary(family, point, labelsOf(point, base), run.writer);
        }
        break;
    }
  }

  #accumulate<P extends Point, Value>(family: Family, base: Base, run: Run, how: Accumulating<P, Value>): void {
    for (const point of how.points) {
      run.writer.nextPoint();
      const reading = point.time === 0 ? 'missing_time' : how.read(point);
      if (typeof reading === 'string') {
        run.rejected.add(reading);
        continue;
      }
      const labels = labelsOf(point, base);
      if (how.temporality === TEMPORALITY.cumulative) how.write(labels, reading.value, momentOf(point), point);
      else if (!writeDelta(family, point, labels, reading, how)) run.rejected.add('delta_out_of_order');
    }
  }
}

/** Writes the sum so far; false where the point comes too late to be added. */
function writeDelta<P extends Point, Value>(
  family: Family,
  point: P,
  labels: Record<string, string>,
  { value, grid }: { readonly value: Value; readonly grid: string },
  { sums, write }: Accumulating<P, Value>,
): boolean {
  const key = `${family.name}\u0003${labelsKey(labels)}`;
  if (isStale(point)) {
    sums.forget(key);
    write(labels, value, momentOf(point), point);
    return true;
  }
  const sum = sums.cumulate(key, value, grid, point.startTime, point.time);
  if (!sum) return false;
  const { startTime, zeroAt } = sum;
  write(labels, sum.value, { ...momentOf(point), startTime, zeroAt }, point);
  return true;
}

function writeSummary(family: Family, point: SummaryPoint, labels: Record<string, string>, writer: SeriesWriter): void {
  const moment = momentOf(point);
  for (const { quantile, value } of point.quantiles) {
    writer.add(family, '', { ...labels, quantile: floatText(quantile) }, value, moment);
  }
  const sum = counterSum(point.sum);
  if (sum !== undefined) writer.add(family, '_sum', labels, sum, moment);
  writer.add(family, '_count', labels, point.count, moment);
}

/** Why none of a metric's points can be taken, if so. */
function flawOf(metric: OtlpMetric, strategy: TranslationStrategy): RejectionReason | undefined {
  const { data } = metric;
  if (!data) return 'no_data';
  if (familyOf(metric, strategy).name === '') return 'invalid_metric_name';
  if (data.kind === 'gauge' || data.kind === 'summary') return undefined;
  if (data.temporality !== TEMPORALITY.delta && data.temporality !== TEMPORALITY.cumulative) {
    return 'unspecified_temporality';
  }
  return data.kind === 'sum' && data.temporality === TEMPORALITY.delta && !data.monotonic ? 'delta_gauge' : undefined;
}

function baseOf(resource: Attributes, scope: MetricGroup['scope'], strategy: TranslationStrategy): Base {
  const target = targetLabels(resource, strategy);
  const scoped = scopeLabels(scope, strategy);
  const { environment: _, ...reserved } = target;
  return { labels: { ...target, ...scoped }, reserved: { ...reserved, ...scoped }, strategy };
}

function labelsOf(point: Point, base: Base): Record<string, string> {
  const labels = { ...base.labels };
  addLabels(labels, point.attributes, base.reserved, base.strategy);
  return labels;
}

function isStale(point: Point): boolean {
  return (point.flags & NO_RECORDED_VALUE) !== 0;
}

/** A start at the point itself means that nobody knows it. */
function momentOf(point: Point): Moment {
  const { time, startTime } = point;
  return { time, stale: isStale(point), zeroAt: undefined, startTime: startTime < time ? startTime : 0 };
}

function newestTime(metrics: readonly OtlpMetric[]): number {
  let newest = 0;
  for (const { data } of metrics) {
    for (const point of data?.points ?? []) newest = Math.max(newest, point.time);
  }
  return newest;
}
