import type { NativeHistogram } from '../../../model/native-histogram.ts';
import { FLOAT, HISTOGRAM, NOTHING, SeriesBuilder, type VectorSeries } from '../evaluation/values.ts';
import { HistogramTotal } from '../histogram/total.ts';
import type { Group } from './grouping.ts';
import type { Remarks } from './remarks.ts';

/** Takes the members of a group one by one and makes one series of them. */
interface Reduction {
  add(member: VectorSeries): void;
  finish(): VectorSeries;
}

type Reducer = (group: Group, steps: number, remarks: Remarks) => Reduction;

export const REDUCERS: Readonly<Record<string, Reducer>> = {
  sum: (group, steps, remarks) => new Total(group, steps, remarks),
  avg: (group, steps, remarks) => new Average(group, steps, remarks),
  count: (group, steps) => new Counting(group, steps, (before) => before + 1),
  group: (group, steps) => new Counting(group, steps, () => 1),
  min: (group, steps, remarks) => new Extreme(group, steps, remarks, (value, best) => value < best),
  max: (group, steps, remarks) => new Extreme(group, steps, remarks, (value, best) => value > best),
  stddev: (group, steps, remarks) => new Variance(group, steps, remarks, Math.sqrt),
  stdvar: (group, steps, remarks) => new Variance(group, steps, remarks, (value) => value),
};

class Counting implements Reduction {
  readonly #built: SeriesBuilder;
  readonly #next: (before: number) => number;

  constructor(group: Group, steps: number, next: (before: number) => number) {
    this.#built = new SeriesBuilder(group.labels, group.dropName, steps);
    this.#next = next;
  }

  add({ present }: VectorSeries): void {
    const built = this.#built;
    for (let step = 0; step < present.length; step++) {
      if (present[step] !== NOTHING) built.set(step, this.#next(built.values[step]!));
    }
  }

  finish(): VectorSeries {
    return this.#built;
  }
}

class Extreme implements Reduction {
  readonly #built: SeriesBuilder;
  readonly #remarks: Remarks;
  readonly #beats: (value: number, best: number) => boolean;

  constructor(group: Group, steps: number, remarks: Remarks, beats: (value: number, best: number) => boolean) {
    this.#built = new SeriesBuilder(group.labels, group.dropName, steps);
    this.#remarks = remarks;
    this.#beats = beats;
  }

  add(member: VectorSeries): void {
    const built = this.#built;
    const { present, values } = member;
    if (member.histograms) this.#remarks.ignoredHistogram();
    for (let step = 0; step < present.length; step++) {
      if (present[step] !== FLOAT) continue;
      const best = built.values[step]!;
      const value = values[step]!;
      if (built.present[step] === NOTHING || Number.isNaN(best) || this.#beats(value, best)) built.set(step, value);
    }
  }

  finish(): VectorSeries {
    return this.#built;
  }
}

/** Sums, of floats with Neumaier's compensation, as Prometheus does. Floats and histograms do not add up. */
class Total implements Reduction {
  protected readonly built: SeriesBuilder;
  /** Of the steps with histograms. */
  protected readonly totals = new Map<number, HistogramTotal>();
  readonly #rests: Float64Array;
  readonly #remarks: Remarks;
  /** Steps at which members do not fit together. */
  readonly #spoilt: Uint8Array;

  constructor(group: Group, steps: number, remarks: Remarks) {
    this.built = new SeriesBuilder(group.labels, group.dropName, steps);
    this.#rests = new Float64Array(steps);
    this.#spoilt = new Uint8Array(steps);
    this.#remarks = remarks;
  }

  add(member: VectorSeries): void {
    const { present, values } = member;
    const { built } = this;
    const totals = built.values;
    const rests = this.#rests;
    for (let step = 0; step < present.length; step++) {
      const kind = present[step];
      if (kind === NOTHING) continue;
      const before = built.present[step];
      if (kind === HISTOGRAM || before === HISTOGRAM) {
        this.#addHistogram(member, step);
        continue;
      }
      const value = values[step]!;
      const total = totals[step]!;
      const next = total + value;
      if (!Number.isFinite(next)) rests[step] = 0;
      else rests[step]! += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
      built.set(step, next);
    }
  }

  #addHistogram(member: VectorSeries, step: number): void {
    const { built } = this;
    if (this.#spoilt[step]) return;
    const before = built.present[step];
    if (before === NOTHING) {
      built.copy(member, step);
      this.totals.set(step, new HistogramTotal(member.histograms![step]!));
      return;
    }
    if (before !== member.present[step]) {
      this.#spoilt[step] = 1;
      this.#remarks.mixedAggregation();
      return;
    }
    for (const problem of this.totals.get(step)!.add(member.histograms![step]!)) {
      if (problem === 'hints') this.#remarks.collidingResets();
      else if (problem === 'bounds') this.#remarks.reconciledBounds();
      else {
        this.#spoilt[step] = 1;
        this.#remarks.mixedSchemas(member.labels);
      }
    }
  }

  finish(): VectorSeries {
    const { built } = this;
    for (let step = 0; step < built.present.length; step++) {
      if (this.#spoilt[step]) built.clear(step);
      else if (built.present[step] === FLOAT) built.values[step]! += this.#rests[step]!;
      else if (built.present[step] === HISTOGRAM)
        built.setHistogram(step, this.finishHistogram(this.totals.get(step)!));
    }
    return built;
  }

  protected finishHistogram(total: HistogramTotal): NativeHistogram {
    return total.sum;
  }
}

/** The sum divided by the count where the sum does not overflow, else by mean of means. */
class Average extends Total {
  readonly #counts: Uint32Array;
  readonly #group: Group;

  constructor(group: Group, steps: number, remarks: Remarks) {
    super(group, steps, remarks);
    this.#group = group;
    this.#counts = new Uint32Array(steps);
  }

  override add(member: VectorSeries): void {
    super.add(member);
    for (let step = 0; step < this.#counts.length; step++) if (member.present[step] !== NOTHING) this.#counts[step]!++;
  }

  override finish(): VectorSeries {
    super.finish();
    const { built } = this;
    for (let step = 0; step < this.#counts.length; step++) {
      const count = this.#counts[step]!;
      if (built.present[step] === FLOAT) {
        const total = built.values[step]!;
        built.values[step] = Number.isFinite(total) ? total / count : overflowingMean(this.#group, step);
      }
    }
    return built;
  }

  protected override finishHistogram(total: HistogramTotal): NativeHistogram {
    return total.mean;
  }
}

function overflowingMean(group: Group, step: number): number {
  let mean = 0;
  let count = 0;
  for (const { present, values } of group.members) {
    if (present[step] === FLOAT) mean = nextMean(mean, values[step]!, ++count);
  }
  return mean;
}

/** The mean with one more value, without ever forming the sum. Infinities stay as Prometheus keeps them. */
export function nextMean(mean: number, value: number, count: number): number {
  if (mean === Infinity || mean === -Infinity) {
    if (value === mean || Number.isFinite(value)) return mean;
  }
  return mean + (value / count - mean / count);
}

/** Welford's method. */
class Variance implements Reduction {
  readonly #built: SeriesBuilder;
  readonly #counts: Uint32Array;
  readonly #means: Float64Array;
  readonly #remarks: Remarks;
  readonly #finish: (variance: number) => number;

  constructor(group: Group, steps: number, remarks: Remarks, finish: (variance: number) => number) {
    this.#built = new SeriesBuilder(group.labels, group.dropName, steps);
    this.#counts = new Uint32Array(steps);
    this.#means = new Float64Array(steps);
    this.#remarks = remarks;
    this.#finish = finish;
  }

  add(member: VectorSeries): void {
    const built = this.#built;
    const { present, values } = member;
    if (member.histograms) this.#remarks.ignoredHistogram();
    for (let step = 0; step < present.length; step++) {
      if (present[step] !== FLOAT) continue;
      const value = values[step]!;
      const delta = value - this.#means[step]!;
      this.#means[step]! += delta / ++this.#counts[step]!;
      const start = Number.isFinite(value) ? 0 : Number.NaN;
      const before = built.present[step] === NOTHING ? start : built.values[step]!;
      built.set(step, before + delta * (value - this.#means[step]!));
    }
  }

  finish(): VectorSeries {
    const built = this.#built;
    for (let step = 0; step < this.#counts.length; step++) {
      const count = this.#counts[step]!;
      if (count > 0) built.values[step] = this.#finish(built.values[step]! / count);
    }
    return built;
  }
}
