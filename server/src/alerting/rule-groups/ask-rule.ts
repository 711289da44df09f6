import { ServiceError } from '../../model/errors.ts';
import { type Labels, labelsKey, METRIC_NAME } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { PromqlEngine, ResultSample } from '../../query/promql/index.ts';
import type { AlertingRule, FileRule, RecordingRule, RuleGroup } from '../rule-files/rule-file.ts';
import { expandRuleTemplate } from '../rule-templates/expand.ts';
import type { TemplateSample } from '../rule-templates/functions.ts';

/** What the rules of all groups have in common. */
export interface RuleSurroundings {
  readonly engine: Pick<PromqlEngine, 'instant'>;
  /** What templates call `$externalLabels` and `$externalURL`. */
  readonly externalLabels: Labels;
  readonly externalUrl: string;
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

/** One series that a recording rule makes, at the time that it was asked for. */
export interface RecordedSample {
  /** With `__name__`. */
  readonly labels: Labels;
  /** NaN where there is a histogram. */
  readonly value: number;
  readonly histogram?: NativeHistogram | undefined;
}

/** One label set that an alerting rule finds. */
export interface FoundAlert {
  /** With `alertname`; templates filled in. */
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly value: number;
}

/**
 * What a recording rule makes at `time`, Unix milliseconds. Rejects with a `ServiceError` where its query fails, where
 * two of its series would be the same, and where they are more than the group's limit.
 */
export async function askRecordingRule(
  rule: RecordingRule,
  group: Pick<RuleGroup, 'labels' | 'limit'>,
  { engine }: RuleSurroundings,
  time: number,
  options: AskOptions = {},
): Promise<RecordedSample[]> {
  const samples = await ask(engine, rule, time, options);
  const added = Object.entries({ ...group.labels, ...rule.labels });
  const recorded = samples.map(({ labels, value, histogram }) => ({
    labels: relabelled({ ...labels, [METRIC_NAME]: rule.name }, added),
    value,
    histogram,
  }));
  checkDistinct(recorded, 'applying rule labels');
  checkLimit(recorded.length, group.limit, 'series');
  return recorded;
}

/** The alerts that a rule finds at `time`; rejects as `askRecordingRule` does. */
export async function askAlertingRule(
  rule: AlertingRule,
  group: Pick<RuleGroup, 'labels' | 'limit'>,
  surroundings: RuleSurroundings,
  time: number,
  options: AskOptions = {},
): Promise<FoundAlert[]> {
  const samples = await ask(surroundings.engine, rule, time, options);
  const found: FoundAlert[] = [];
  for (const { labels, value } of samples) {
    const data = { ...surroundings, labels, value, now: time };
    const expand = (text: string) =>
      expandRuleTemplate(rule.name, text, data, (query) => answer(surroundings.engine, query, time, options));
    const { [METRIC_NAME]: _, ...identity } = labels;
    const added = await expandAll({ ...group.labels, ...rule.labels }, expand);
    found.push({
      labels: relabelled(identity, [...added, ['alertname', rule.name]]),
      annotations: Object.fromEntries(await expandAll(rule.annotations, expand)),
      value,
    });
  }
  checkDistinct(found, 'applying alert labels');
  checkLimit(found.length, group.limit, 'alerts');
  return found;
}

async function expandAll(texts: Labels, expand: (text: string) => Promise<string>): Promise<[string, string][]> {
  const expanded: [string, string][] = [];
  for (const [name, text] of Object.entries(texts)) expanded.push([name, await expand(text)]);
  return expanded;
}

/** An empty value takes a label away. */
function relabelled(labels: Labels, changes: readonly (readonly [string, string])[]): Labels {
  const result: Record<string, string> = { ...labels };
  for (const [name, value] of changes) {
    if (value === '') delete result[name];
    else result[name] = value;
  }
  return result;
}

async function ask(
  engine: RuleSurroundings['engine'],
  rule: FileRule,
  time: number,
  { signal, timeoutMs }: AskOptions,
): Promise<readonly ResultSample[]> {
  const { result } = await engine.instant(rule.expression, time, {
    signal,
    ...(timeoutMs !== undefined && { limits: { timeoutMs } }),
  });
  if (result.type === 'vector') return result.samples;
  if (result.type === 'scalar') return [{ labels: {}, value: result.value }];
  throw new ServiceError('invalid', 'rule result is not a vector or scalar');
}

/** What a template's query gives. */
async function answer(
  engine: RuleSurroundings['engine'],
  query: string,
  time: number,
  { signal }: AskOptions,
): Promise<readonly TemplateSample[]> {
  const { result } = await engine.instant(query, time, { signal });
  if (result.type === 'vector') return result.samples;
  if (result.type === 'scalar') return [{ labels: {}, value: result.value }];
  if (result.type === 'string') return [{ labels: { __value__: result.value }, value: 0 }];
  throw new ServiceError('invalid', 'query result is not a vector or scalar');
}

function checkDistinct(found: readonly { readonly labels: Labels }[], step: string): void {
  const keys = new Set(found.map(({ labels }) => labelsKey(labels)));
  if (keys.size < found.length) {
    throw new ServiceError('invalid', `vector contains metrics with the same labelset after ${step}`);
  }
}

function checkLimit(count: number, limit: number, what: string): void {
  if (limit > 0 && count > limit) throw new ServiceError('invalid', `exceeded limit of ${limit} with ${count} ${what}`);
}
