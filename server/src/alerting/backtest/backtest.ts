import { invalid } from '../../model/errors.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import type { Severity } from '../../model/severity.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { liveRule, machineRule, shownLabels } from '../evaluation/live-rule.ts';
import { observe } from '../evaluation/observe.ts';
import { kindOf } from '../kinds/registry.ts';
import type { Found, History, KindSources } from '../kinds/rule-kind.ts';
import type { InstanceState } from '../machine/instance-state.ts';
import { step } from '../machine/step.ts';
import type { PreparedRule } from '../rules/prepare-rule.ts';

export interface BacktestOptions {
  readonly sources: KindSources;
  readonly maxInstances: number;
  readonly signal?: AbortSignal | undefined;
}

/** One time that the rule would have fired for one label set. Times are Unix milliseconds. */
export interface BacktestEpisode {
  readonly labels: Labels;
  readonly severity: Severity;
  /** Since when the condition held. */
  readonly startedAt: number;
  readonly firedAt: number;
  /** Null: it would fire still. */
  readonly endedAt: number | null;
  readonly peak: number | null;
}

export interface Backtest {
  readonly query: string;
  readonly stepMs: number;
  /** True where the rule looks more often than that. */
  readonly isThinned: boolean;
  /** Series that the query gave. */
  readonly series: number;
  /** By the time that they fired. */
  readonly episodes: readonly BacktestEpisode[];
  /** True where there were more than are listed. */
  readonly isCut: boolean;
}

const MOST_STEPS = 10_000;
const MOST_EPISODES = 1000;

/**
 * What a rule would have done over a stretch of stored history: looked at every interval (or, over long stretches, at
 * wider steps), through the same observation and the same state machine as the live rule. Throws 422 for a
 * kind that has no history.
 */
export async function backtest(rule: PreparedRule, range: TimeRange, options: BacktestOptions): Promise<Backtest> {
  const { condition, groupBy } = rule;
  const { history, describe } = kindOf(condition);
  if (typeof history === 'string') throw invalid({ path: historyPath(rule), message: history });
  const wanted = Math.max(rule.intervalMs, Math.ceil((range.end - range.start) / MOST_STEPS));
  const asked = { range, stepMs: wanted, signal: options.signal, groupBy };
  const { start, stepMs, series, absent = 'missing' } = await history(condition, asked, options.sources);
  const run = new Run(rule, range, stepMs, options.maxInstances);
  const places = series.map(() => 0);
  for (let at = start; at <= range.end; at += stepMs) run.look({ samples: samplesAt(series, places, at), absent }, at);
  const episodes = run.finish();
  return {
    query: rule.query ?? describe(condition),
    stepMs,
    isThinned: stepMs > rule.intervalMs,
    series: series.length,
    episodes: episodes.slice(0, MOST_EPISODES),
    isCut: episodes.length > MOST_EPISODES,
  };
}

function historyPath({ query }: PreparedRule): string {
  return query === null ? 'threshold' : 'query';
}

/** `places`: how far each series was read. */
function samplesAt(series: History['series'], places: number[], at: number) {
  const samples: { labels: Labels; value: number }[] = [];
  for (const [index, { labels, timestamps, values }] of series.entries()) {
    let place = places[index]!;
    while (place < timestamps.length && timestamps[place]! < at) place++;
    places[index] = place;
    if (timestamps[place] === at) samples.push({ labels, value: values[place]! });
  }
  return samples;
}

interface Fired {
  readonly firedAt: number;
  state: InstanceState;
}

class Run {
  readonly #live;
  readonly #machine;
  readonly #maxInstances: number;
  readonly #firing = new Map<string, Fired>();
  readonly #episodes: BacktestEpisode[] = [];

  constructor(rule: PreparedRule, { start }: TimeRange, stepMs: number, maxInstances: number) {
    const whole = { ...rule, intervalMs: stepMs, id: 'backtest', version: 1, createdAt: start, updatedAt: start };
    this.#live = liveRule(whole, start);
    // Stored history has no senders that must find their way back.
    this.#live.watchedSince = Number.NEGATIVE_INFINITY;
    this.#machine = machineRule(whole);
    this.#maxInstances = maxInstances;
  }

  look({ samples, absent = 'missing' }: Found, at: number): void {
    const live = this.#live;
    const evaluation = observe(live, { kind: 'data', samples, absent }, at, { maxInstances: this.#maxInstances });
    live.emptyEvaluations = evaluation.emptyEvaluations;
    for (const [key, { identity, observation }] of evaluation.observations) {
      const { state, transition } = step(live.instances.get(key)?.state, observation, this.#machine, at);
      if (transition?.kind === 'fired') this.#firing.set(key, { firedAt: at, state: state! });
      const fired = this.#firing.get(key);
      if (fired && state) fired.state = state;
      if (fired && transition?.kind === 'resolved') this.#end(key, identity, fired, at);
      if (state) live.instances.set(key, { fingerprint: key, identity, state, episode: null });
      else live.instances.delete(key);
    }
  }

  #end(key: string, identity: Labels, { firedAt, state }: Fired, endedAt: number | null): void {
    this.#firing.delete(key);
    const { severity, startedAt, peak } = state;
    const labels = shownLabels(this.#live.rule, identity);
    this.#episodes.push({ labels, severity, startedAt, firedAt, endedAt, peak });
  }

  finish(): BacktestEpisode[] {
    for (const [key, fired] of this.#firing) this.#end(key, this.#live.instances.get(key)!.identity, fired, null);
    const keyOf = ({ labels }: BacktestEpisode) => labelsKey(labels);
    return this.#episodes.sort((a, b) => a.firedAt - b.firedAt || (keyOf(a) < keyOf(b) ? -1 : 1));
  }
}
