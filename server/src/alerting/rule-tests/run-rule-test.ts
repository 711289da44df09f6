import { formatDuration } from '../../lib/duration.ts';
import type { Clock } from '../../model/clock.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import { createPromqlEngine, type PromqlEngine } from '../../query/promql/index.ts';
import { type LiveRule, liveRule, machineRule } from '../evaluation/live-rule.ts';
import { observe } from '../evaluation/observe.ts';
import { step } from '../machine/step.ts';
import type { AlertingRule, RuleGroup } from '../rule-files/rule-file.ts';
import { alertSeries, alertStateOf } from '../rule-groups/alert-series.ts';
import {
  askAlertingRule,
  askRecordingRule,
  type RecordedSample,
  type RuleSurroundings,
} from '../rule-groups/ask-rule.ts';
import { fileAlertRule } from '../rule-groups/file-alert-rule.ts';
import { SeriesEnds } from '../rule-groups/series-ends.ts';
import { areSameSamples, showLabels, showSample } from './compare-samples.ts';
import type { AlertExpectation, ExpressionExpectation, RuleTest, RuleTestFile } from './rule-test-file.ts';
import { TestSeries } from './test-series.ts';

export type TestSettings = Pick<RuleTestFile, 'evaluationIntervalMs' | 'fuzzyCompare' | 'groupOrder'>;

/**
 * Runs one test on the rules of `groups`: at every evaluation interval each group's rules in their order, with the state
 * machine of live alerts. Resolves with what is not as the test wants it.
 */
export async function runRuleTest(
  test: RuleTest,
  groups: readonly RuleGroup[],
  settings: TestSettings,
  clock: Clock,
): Promise<string[]> {
  const run = new TestRun(test, groups, settings, clock);
  return await run.mistakes();
}

interface AlertAtWork {
  readonly name: string;
  readonly live: LiveRule;
  readonly annotations: Map<string, Labels>;
}

class TestRun {
  readonly #test: RuleTest;
  readonly #settings: TestSettings;
  readonly #groups: readonly RuleGroup[];
  readonly #series = new TestSeries();
  readonly #engine: PromqlEngine;
  readonly #surroundings: RuleSurroundings;
  readonly #alerts = new Map<AlertingRule, AlertAtWork>();
  readonly #ends = new Map<RuleGroup, SeriesEnds>();

  constructor(test: RuleTest, groups: readonly RuleGroup[], settings: TestSettings, clock: Clock) {
    this.#test = test;
    this.#settings = settings;
    this.#groups = inOrder(groups, settings.groupOrder);
    this.#engine = createPromqlEngine({ source: this.#series, clock });
    const { externalLabels, externalUrl } = test;
    this.#surroundings = { engine: this.#engine, externalLabels, externalUrl };
    for (const { labels, values } of test.input) this.#series.load(labels, values, test.intervalMs, test.startMs);
    for (const group of this.#groups) {
      this.#ends.set(group, new SeriesEnds());
      for (const rule of group.rules) if (rule.kind === 'alert') this.#alerts.set(rule, this.#alertAtWork(rule, group));
    }
  }

  #alertAtWork(rule: AlertingRule, group: RuleGroup): AlertAtWork {
    const { startMs } = this.#test;
    const prepared = fileAlertRule(rule, group, this.#settings.evaluationIntervalMs);
    const live = liveRule({ ...prepared, id: rule.name, version: 1, createdAt: startMs, updatedAt: startMs }, startMs);
    // Nothing is a gap after a start: the test begins where it begins.
    live.watchedSince = Number.NEGATIVE_INFINITY;
    return { name: rule.name, live, annotations: new Map() };
  }

  async mistakes(): Promise<string[]> {
    const { alerts, expressions, startMs } = this.#test;
    const { evaluationIntervalMs } = this.#settings;
    const times = [...alerts, ...expressions].map(({ atMs }) => atMs);
    const end = startMs + Math.max(0, ...times);
    const mistakes: string[] = [];
    for (let at = startMs; at <= end; at += evaluationIntervalMs) {
      this.#series.visibleUntil = at;
      const failures = await this.#evaluate(at);
      if (failures.length > 0) return failures;
      const due = alerts.filter(({ atMs }) => startMs + atMs >= at && startMs + atMs < at + evaluationIntervalMs);
      for (const expectation of due) mistakes.push(...this.#alertMistake(expectation));
    }
    this.#series.visibleUntil = end;
    for (const expectation of expressions) mistakes.push(...(await this.#expressionMistake(expectation)));
    return mistakes;
  }

  /** Evaluates all groups once; what failed. */
  async #evaluate(at: number): Promise<string[]> {
    const failures: string[] = [];
    for (const group of this.#groups) {
      for (const [place, rule] of group.rules.entries()) {
        try {
          const made =
            rule.kind === 'record'
              ? await askRecordingRule(rule, group, this.#surroundings, at)
              : await this.#evaluateAlert(rule, group, at);
          this.#store(made, this.#ends.get(group)!.replace(place, made), at);
        } catch (error) {
          const time = formatDuration(at - this.#test.startMs);
          failures.push(`rule: ${rule.name}, time: ${time}, err: ${(error as Error).message}`);
        }
      }
    }
    return failures;
  }

  async #evaluateAlert(rule: AlertingRule, group: RuleGroup, at: number): Promise<RecordedSample[]> {
    const { live, annotations } = this.#alerts.get(rule)!;
    const found = await askAlertingRule(rule, group, this.#surroundings, at);
    for (const alert of found) annotations.set(labelsKey(alert.labels), alert.annotations);
    const { observations } = observe(live, { kind: 'data', samples: found }, at, {
      maxInstances: Number.POSITIVE_INFINITY,
    });
    for (const [key, { identity, observation }] of observations) {
      const { state } = step(live.instances.get(key)?.state, observation, machineRule(live.rule), at);
      if (state) live.instances.set(key, { fingerprint: key, identity, state, episode: null });
      else live.instances.delete(key);
    }
    return alertSeries(live.instances.values());
  }

  #store(made: readonly RecordedSample[], ended: readonly Labels[], at: number): void {
    for (const { labels, value, histogram } of made) this.#series.add(labels, at, histogram ?? value);
    for (const labels of ended) this.#series.add(labels, at, 'stale');
  }

  #alertMistake({ atMs, alertname, firing }: AlertExpectation): string[] {
    const found = [...this.#alerts.values()]
      .filter(({ name }) => name === alertname)
      .flatMap(({ live, annotations }) =>
        [...live.instances]
          .filter(([, { state }]) => alertStateOf(state.name) === 'firing')
          .map(([key, { identity }]) => ({ labels: identity, annotations: annotations.get(key) ?? {} })),
      );
    if (sortedTexts(firing).join('\n') === sortedTexts(found).join('\n')) return [];
    return [
      `alertname: ${alertname}, time: ${formatDuration(atMs)},\n` +
        `  exp: ${list(sortedTexts(firing))}\n  got: ${list(sortedTexts(found))}`,
    ];
  }

  async #expressionMistake({ query, atMs, samples: wanted }: ExpressionExpectation): Promise<string[]> {
    const title = `expr: ${JSON.stringify(query)}, time: ${formatDuration(atMs)},`;
    try {
      const { result } = await this.#engine.instant(query, this.#test.startMs + atMs);
      if (result.type !== 'vector' && result.type !== 'scalar') {
        return [`${title} err: the result is neither a vector nor a scalar`];
      }
      const found =
        result.type === 'scalar'
          ? [{ labels: {}, value: result.value }]
          : result.samples.map(({ labels, value, histogram }) => ({ labels, value: histogram ?? value }));
      if (areSameSamples(wanted, found, this.#settings.fuzzyCompare)) return [];
      return [`${title}\n  exp: ${list(wanted.map(showSample))}\n  got: ${list(found.map(showSample))}`];
    } catch (error) {
      return [`${title} err: ${(error as Error).message}`];
    }
  }
}

/** Groups that are named come first, as they are named. */
function inOrder(groups: readonly RuleGroup[], names: readonly string[]): RuleGroup[] {
  const place = ({ name }: RuleGroup) => (names.includes(name) ? names.indexOf(name) : names.length);
  return [...groups].sort((a, b) => place(a) - place(b));
}

function sortedTexts(alerts: readonly { readonly labels: Labels; readonly annotations: Labels }[]): string[] {
  return alerts
    .map(({ labels, annotations }) => `Labels: ${showLabels(labels)} Annotations: ${showLabels(annotations)}`)
    .sort();
}

function list(texts: readonly string[]): string {
  return texts.length === 0 ? 'nothing' : texts.map((text) => `\n    ${text}`).join('');
}
