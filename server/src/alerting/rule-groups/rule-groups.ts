import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../model/clock.ts';
import { ServiceError } from '../../model/errors.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Logger } from '../../model/logger.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import { staleMarkerColumn } from '../../model/stale-marker.ts';
import { foundInstances, type LiveRule } from '../evaluation/live-rule.ts';
import type { Outcome } from '../evaluation/observe.ts';
import type { Scheduler } from '../evaluation/scheduler.ts';
import type { QueryEngine } from '../kinds/rule-kind.ts';
import { alertSeries } from './alert-series.ts';
import { askAlertingRule, askRecordingRule, type FoundAlert, type RecordedSample } from './ask-rule.ts';
import type { LiveGroup, LiveGroupRule } from './live-group.ts';

/** Takes series, durable and visible when it answers; tells of those that it refuses. */
export interface RuleSink {
  writeSamples(batch: readonly SeriesSamples[]): Promise<{ readonly rejected: readonly Refusal[] } | undefined>;
}

interface Refusal {
  readonly reason: string;
  readonly count: number;
  readonly details?: readonly string[];
}

export interface RuleGroupsOptions {
  readonly engine: QueryEngine;
  /** Takes what recording rules make, and the series of alerts. */
  readonly sink: RuleSink;
  readonly scheduler: Scheduler;
  readonly clock: Clock;
  readonly logger: Logger;
  /** What templates call `$externalURL`. */
  readonly externalUrl: string;
  /** Takes what a query of the alert gave through the state machine, and stores what changes by it. */
  evaluateAlert(live: LiveRule, outcome: Outcome, found: readonly FoundAlert[], now: number): Promise<void>;
}

/** A query of a rule is given up after its group's interval, but not sooner than this and not later than that. */
const TIMEOUT_MS = { least: 5000, most: 60_000 };

/**
 * Evaluates groups of rules on their intervals: the rules of a group one after the other, at one time, so that a rule
 * reads what the ones before it have made. Alerts leave their series behind as in Prometheus.
 */
export class RuleGroups {
  readonly #options: RuleGroupsOptions;
  #groups = new Map<string, LiveGroup>();
  #externalLabels: Labels = {};

  constructor(options: RuleGroupsOptions) {
    this.#options = options;
  }

  /** In the order in which they were given. */
  list(): LiveGroup[] {
    return [...this.#groups.values()];
  }

  /** Takes these groups up in place of those before; one that is the same goes on as it is. */
  async replace(groups: readonly LiveGroup[], externalLabels: Labels): Promise<void> {
    this.#externalLabels = externalLabels;
    const before = this.#groups;
    this.#groups = new Map(
      groups.map((group) => {
        const known = before.get(group.key);
        return [group.key, known && isSame(known, group) ? known : group];
      }),
    );
    for (const group of before.values()) {
      if (this.#groups.get(group.key) === group) continue;
      this.#options.scheduler.remove(taskOf(group));
      await this.#end(group);
    }
    for (const group of this.#groups.values()) {
      if (before.get(group.key) !== group) this.#schedule(group);
    }
  }

  #schedule(group: LiveGroup): void {
    this.#options.scheduler.add({
      id: taskOf(group),
      intervalMs: group.intervalMs,
      run: (now, signal) => this.#evaluate(group, now, signal),
      onMissed: (turns) => {
        group.missed += turns;
      },
    });
  }

  async #evaluate(group: LiveGroup, now: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const groupBegan = clock.now();
    for (const [place, rule] of group.rules.entries()) {
      if (signal.aborted) return;
      if (rule.live && (rule.live.isGone || !rule.live.rule.enabled)) continue;
      const began = clock.now();
      try {
        const at = now - group.queryOffsetMs;
        const made = rule.live
          ? await this.#evaluateAlert(group, rule, rule.live, now, signal)
          : await this.#record(group, rule, now, signal);
        if (signal.aborted) return;
        await this.#write(made, group.ends.replace(place, made), at);
        rule.health = 'ok';
        rule.lastError = null;
      } catch (error) {
        if (signal.aborted) return;
        this.#failed(group, rule, error);
      }
      rule.lastEvaluatedAt = now;
      rule.evaluationMs = clock.now() - began;
    }
    group.lastEvaluatedAt = now;
    group.evaluationMs = clock.now() - groupBegan;
  }

  #failed(group: LiveGroup, rule: LiveGroupRule, error: unknown): void {
    const message = error instanceof ServiceError ? error.message : 'the log of the service says more';
    if (rule.lastError !== message) {
      this.#options.logger.warn({ err: error, group: group.group.name, rule: rule.rule.name }, 'a rule failed');
    }
    rule.health = 'err';
    rule.lastError = message;
  }

  async #record(
    { group, intervalMs, queryOffsetMs }: LiveGroup,
    { rule }: LiveGroupRule,
    now: number,
    signal: AbortSignal,
  ): Promise<RecordedSample[]> {
    if (rule.kind !== 'record') return [];
    return await askRecordingRule(rule, group, this.#surroundings(), now - queryOffsetMs, asking(intervalMs, signal));
  }

  async #evaluateAlert(
    { group, intervalMs, queryOffsetMs }: LiveGroup,
    { rule }: LiveGroupRule,
    live: LiveRule,
    now: number,
    signal: AbortSignal,
  ): Promise<RecordedSample[]> {
    if (rule.kind !== 'alert') return [];
    try {
      const asked = asking(intervalMs, signal);
      const found = await askAlertingRule(rule, group, this.#surroundings(), now - queryOffsetMs, asked);
      await this.#options.evaluateAlert(live, { kind: 'data', samples: found }, found, now);
    } catch (error) {
      const message = error instanceof ServiceError ? error.message : 'the query failed';
      if (!signal.aborted) {
        const labels = plainLabels({ ...group.labels, ...rule.labels });
        await this.#options.evaluateAlert(live, { kind: 'error', message, labels }, [], now);
      }
      throw error;
    }
    return alertSeries(foundInstances(live));
  }

  #surroundings() {
    const { engine, externalUrl } = this.#options;
    return { engine, externalUrl, externalLabels: this.#externalLabels };
  }

  async #write(made: readonly RecordedSample[], ended: readonly Labels[], at: number): Promise<void> {
    if (made.length + ended.length === 0) return;
    const ends = ended.map((labels) => seriesOf(labels, at, staleMarkerColumn()));
    const outcome = await this.#options.sink.writeSamples([...made.map((sample) => sampleAt(sample, at)), ...ends]);
    const [refused] = outcome?.rejected ?? [];
    if (!refused) return;
    const why = refused.details?.[0] ?? refused.reason.replaceAll('_', ' ');
    throw new ServiceError('invalid', `${refused.count} of its series were refused: ${why}`);
  }

  /** What the group has made goes on no more. */
  async #end(group: LiveGroup): Promise<void> {
    const { clock, logger } = this.#options;
    try {
      await this.#write([], group.ends.all(), clock.now());
    } catch (error) {
      logger.warn({ err: error, group: group.group.name }, 'the series of a group that is gone were not ended');
    }
  }
}

/** Those that are no templates. */
function plainLabels(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== '' && !value.includes('{{')));
}

function taskOf({ key }: LiveGroup): string {
  return `rule group ${key}`;
}

function isSame(a: LiveGroup, b: LiveGroup): boolean {
  const alerts = (group: LiveGroup) => group.rules.map(({ live }) => live?.rule.id);
  return (
    a.intervalMs === b.intervalMs &&
    a.queryOffsetMs === b.queryOffsetMs &&
    isDeepStrictEqual(alerts(a), alerts(b)) &&
    isDeepStrictEqual({ ...a.group, line: 0 }, { ...b.group, line: 0 })
  );
}

function asking(intervalMs: number, signal: AbortSignal) {
  return { signal, timeoutMs: Math.min(TIMEOUT_MS.most, Math.max(TIMEOUT_MS.least, intervalMs)) };
}

function sampleAt({ labels, value, histogram }: RecordedSample, at: number): SeriesSamples {
  const series = seriesOf(labels, at, [value]);
  if (!histogram) return series;
  return { ...series, timestamps: [], values: [], histograms: [{ timestamp: at, startTimestamp: 0, histogram }] };
}

function seriesOf(labels: Labels, at: number, values: ArrayLike<number>): SeriesSamples {
  const { [METRIC_NAME]: name = '', ...others } = labels;
  return { name, labels: others, type: 'unknown', unit: '', help: '', timestamps: [at], values };
}
