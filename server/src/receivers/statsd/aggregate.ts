import { floatText } from '../../lib/float-text.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import type { MetricType, SeriesSamples } from '../../model/metric.ts';
import type { StatsdMetric } from './parse-line.ts';

const MOST_SERIES = 20_000;
const MOST_MEMBERS = 10_000;
/** A series that nobody has touched for so long is forgotten; a counter then begins at zero again. */
const FORGET_AFTER_MS = 3_600_000;
/** Seconds: timers. */
const TIMER_BOUNDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** 0.001 to 10^9 in steps of 1, 2, 5: histograms of anything. */
const WIDE_BOUNDS = Array.from({ length: 13 }, (_, power) =>
  [1, 2, 5].map((step) => Number(`${step}e${power - 3}`)),
).flat();

interface State {
  readonly name: string;
  readonly labels: Labels;
  readonly kind: StatsdMetric['kind'];
  touchedAt: number;
  /** Not yet written: its counts get a zero before them, so that the first ones are seen as an increase. */
  fresh: boolean;
  /** Value of a gauge, sum of a counter or histogram. */
  value: number;
  count: number;
  readonly bounds: readonly number[];
  readonly buckets: number[];
  readonly members: Set<string>;
}

/** Adds up what arrives between two flushes. Bounded: further series are not taken. */
export class StatsdAggregate {
  readonly #states = new Map<string, State>();

  /** False where there are too many series already. */
  add(metric: StatsdMetric, now: number): boolean {
    const state = this.#stateOf(metric, now);
    if (!state) return false;
    state.touchedAt = now;
    for (const value of metric.values) apply(state, value, metric.rate);
    return true;
  }

  #stateOf({ name, kind, labels }: StatsdMetric, now: number): State | undefined {
    const key = `${kind} ${name} ${labelsKey(labels)}`;
    let state = this.#states.get(key);
    if (!state && this.#states.size < MOST_SERIES) {
      const bounds = kind === 'timer' ? TIMER_BOUNDS : kind === 'histogram' ? WIDE_BOUNDS : [];
      const buckets = bounds.map(() => 0);
      const members = new Set<string>();
      state = { name, labels, kind, touchedAt: now, fresh: true, value: 0, count: 0, bounds, buckets, members };
      this.#states.set(key, state);
    }
    return state;
  }

  /** The series as they are now. `since` is when the last flush was. */
  flush(now: number, since: number): SeriesSamples[] {
    const series: SeriesSamples[] = [];
    for (const [key, state] of this.#states) {
      if (now - state.touchedAt > FORGET_AFTER_MS) this.#states.delete(key);
      else write(state, now, since, series);
    }
    return series;
  }
}

function apply(state: State, text: string, rate: number): void {
  if (state.kind === 'set') {
    if (state.members.size < MOST_MEMBERS) state.members.add(text);
    return;
  }
  const value = Number(text);
  if (state.kind === 'gauge') state.value = /^[+-]/.test(text) ? state.value + value : value;
  else if (state.kind === 'counter') state.value += value / rate;
  else observe(state, state.kind === 'timer' ? value / 1000 : value, 1 / rate);
}

function observe(state: State, value: number, weight: number): void {
  state.count += weight;
  state.value += value * weight;
  const bucket = state.bounds.findIndex((bound) => value <= bound);
  if (bucket >= 0) state.buckets[bucket]! += weight;
}

/** Counters and histograms go on counting, sets begin anew. */
function write(state: State, now: number, since: number, series: SeriesSamples[]): void {
  const zero = state.fresh && (state.kind === 'counter' || state.bounds.length > 0);
  const base = state.kind === 'timer' ? `${state.name}_seconds` : state.name;
  const put = (name: string, type: MetricType, value: number, labels = state.labels) => {
    const timestamps = zero ? [since, now] : [now];
    const unit = state.kind === 'timer' ? 'seconds' : '';
    series.push({ name, labels, type, unit, help: '', timestamps, values: zero ? [0, value] : [value] });
  };
  state.fresh = false;
  if (state.kind === 'counter') put(base.endsWith('_total') ? base : `${base}_total`, 'counter', state.value);
  else if (state.kind === 'gauge') put(base, 'gauge', state.value);
  else if (state.kind === 'set') {
    put(base, 'gauge', state.members.size);
    state.members.clear();
  } else {
    let below = 0;
    for (const [index, bound] of state.bounds.entries()) {
      below += state.buckets[index]!;
      put(`${base}_bucket`, 'histogram', below, { ...state.labels, le: floatText(bound) });
    }
    put(`${base}_bucket`, 'histogram', state.count, { ...state.labels, le: '+Inf' });
    put(`${base}_sum`, 'histogram', state.value);
    put(`${base}_count`, 'histogram', state.count);
  }
}
