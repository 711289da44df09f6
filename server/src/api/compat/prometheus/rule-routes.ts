import {
  type Alerting,
  alertStateOf,
  describeCondition,
  expressionOf,
  foundInstances,
  type LiveGroup,
  type LiveGroupRule,
  type LiveRule,
  ruleState,
  shownLabels,
} from '../../../alerting/index.ts';
import { type Route, type RouteContext, route } from '../../../http/index.ts';
import { formatInstant } from '../../../lib/instant.ts';
import type { Labels } from '../../../model/labels.ts';
import { compileMatchers } from '../../../query/promql/index.ts';
import { prometheusAnswer, ruleParameters } from '../../contract/prometheus.ts';
import { sendData } from './answer.ts';
import { wrongParameter } from './errors.ts';
import { Parameters } from './parameters.ts';

type Context = RouteContext<unknown, unknown, unknown>;

const TYPES: Readonly<Record<string, string>> = { alert: 'alerting', record: 'recording' };
/** What Go writes for a time that never was. */
const NEVER = '0001-01-01T00:00:00Z';
/** The alerts that were made here, not by rule files, stand in a group of this name. */
const OWN = 'system-service';

interface ShownRule {
  readonly name: string;
  readonly type: string;
  readonly labels: Labels;
  readonly [field: string]: unknown;
}

interface ShownGroup {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly ShownRule[];
  readonly interval: number;
  readonly limit: number;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}

/** https://prometheus.io/docs/prometheus/latest/querying/api/#rules */
export function ruleRoutes(alerting: Alerting): Route[] {
  const shared = { tag: 'prometheus', scope: 'read', lenient: true } as const;
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/api/v1/rules',
      summary: 'Groups of rules with their alerts: those of rule files, and the alerts that were made here',
      query: ruleParameters,
      success: { status: 200, schema: prometheusAnswer },
      handle: (context) => answerRules(context, alerting),
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/api/v1/alerts',
      summary: 'Alerts that are pending or firing',
      success: { status: 200, schema: prometheusAnswer },
      handle: (context) =>
        sendData(context, {
          alerts: alerting
            .list()
            .toReversed()
            .flatMap((live) => activeAlerts(live, alerting)),
        }),
    }),
  ];
}

function answerRules(context: Context, alerting: Alerting): Promise<unknown> {
  const parameters = new Parameters(context);
  const groups = [...alerting.ruleGroups.list().map((group) => showGroup(group, alerting)), ...ownGroup(alerting)];
  const accepts = ruleFilter(parameters);
  const hidesAlerts = parameters.text('exclude_alerts') === 'true';
  const [names, files] = [parameters.all('rule_group[]'), parameters.all('file[]')];
  const shown = groups
    .filter(({ name }) => names.length === 0 || names.includes(name))
    .filter(({ file }) => files.length === 0 || files.includes(file))
    .map((group) => ({ ...group, rules: group.rules.filter(accepts) }))
    .filter(({ rules }) => rules.length > 0)
    .map((group) => (hidesAlerts ? withoutAlerts(group) : group));
  return sendData(context, page(shown, parameters));
}

function ruleFilter(parameters: Parameters): (rule: ShownRule) => boolean {
  const type = parameters.text('type');
  if (type !== '' && TYPES[type] === undefined) throw wrongParameter('type', `not supported value "${type}"`);
  const names = parameters.all('rule_name[]');
  const sets = parameters.all('match[]').length === 0 ? [] : parameters.matcherSets().map(compileMatchers);
  return (rule) =>
    (type === '' || rule.type === TYPES[type]) &&
    (names.length === 0 || names.includes(rule.name)) &&
    (sets.length === 0 || sets.some((accepts) => accepts(rule.labels)));
}

function withoutAlerts(group: ShownGroup): ShownGroup {
  return { ...group, rules: group.rules.map(({ alerts: _, ...rule }) => rule as unknown as ShownRule) };
}

/** `group_limit` groups from the one that `group_next_token` names on. */
function page(groups: readonly ShownGroup[], parameters: Parameters) {
  const limit = parameters.limit('group_limit');
  const token = parameters.text('group_next_token');
  const tokenOf = ({ file, name }: ShownGroup) => Buffer.from(`${file};${name}`).toString('base64url');
  const from = token === '' ? 0 : groups.findIndex((group) => tokenOf(group) === token);
  if (from < 0) throw wrongParameter('group_next_token', 'invalid group_next_token');
  const next = groups[from + limit];
  return { groups: groups.slice(from, from + limit), ...(next && { groupNextToken: tokenOf(next) }) };
}

function showGroup({ file, group, rules, intervalMs, ...times }: LiveGroup, alerting: Alerting): ShownGroup {
  return {
    name: group.name,
    file,
    rules: rules.map((rule) => showRule(rule, alerting)),
    interval: intervalMs / 1000,
    limit: group.limit,
    evaluationTime: times.evaluationMs / 1000,
    lastEvaluation: goInstant(times.lastEvaluatedAt),
  };
}

function showRule(one: LiveGroupRule, alerting: Alerting): ShownRule {
  const { rule, live, health, lastError } = one;
  const shared = {
    name: rule.name,
    query: rule.query,
    labels: rule.labels,
    health,
    ...(lastError !== null && { lastError }),
    evaluationTime: one.evaluationMs / 1000,
    lastEvaluation: goInstant(one.lastEvaluatedAt),
  };
  if (rule.kind === 'record' || !live) return { ...shared, type: 'recording' };
  return {
    ...shared,
    state: stateOf(live),
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    annotations: rule.annotations,
    alerts: activeAlerts(live, alerting),
    type: 'alerting',
  };
}

/** The alerts that were made here, of every kind. */
function ownGroup(alerting: Alerting): ShownGroup[] {
  const own = alerting.list().filter(({ rule }) => !rule.origin && rule.enabled && rule.condition.kind !== 'external');
  if (own.length === 0) return [];
  const intervals = own.map(({ rule }) => rule.intervalMs);
  const evaluated = own.map(({ lastEvaluatedAt }) => lastEvaluatedAt ?? 0);
  return [
    {
      name: OWN,
      file: OWN,
      rules: own.toReversed().map((live) => showOwn(live, alerting)),
      interval: Math.min(...intervals) / 1000,
      limit: 0,
      evaluationTime: 0,
      lastEvaluation: goInstant(Math.max(...evaluated) || null),
    },
  ];
}

const HEALTH: Readonly<Record<string, string>> = { ok: 'ok', no_data: 'ok', error: 'err', unknown: 'unknown' };

function showOwn(live: LiveRule, alerting: Alerting): ShownRule {
  const { rule, lastError } = live;
  return {
    name: rule.name,
    // What is no PromQL is said in words.
    query: expressionOf(rule.condition) ?? describeCondition(rule.condition),
    labels: { severity: rule.severity, ...(rule.service !== null && { service: rule.service }), ...rule.labels },
    health: HEALTH[live.health]!,
    ...(lastError !== null && { lastError }),
    evaluationTime: 0,
    lastEvaluation: goInstant(live.lastEvaluatedAt),
    state: stateOf(live),
    duration: rule.forMs / 1000,
    keepFiringFor: rule.keepFiringForMs / 1000,
    annotations: rule.annotations,
    alerts: activeAlerts(live, alerting),
    type: 'alerting',
  };
}

function stateOf(live: LiveRule): 'inactive' | 'pending' | 'firing' {
  return alertStateOf(ruleState(live)) ?? 'inactive';
}

function activeAlerts(live: LiveRule, alerting: Alerting) {
  return foundInstances(live).flatMap(({ identity, state, episode }) => {
    const alertstate = alertStateOf(state.name);
    if (alertstate === undefined) return [];
    const routed = episode && alerting.dispatcher.table.alerts.get(episode.id);
    const labels = routed?.labels ?? { alertname: live.rule.name, ...shownLabels(live.rule, identity) };
    return [
      {
        labels: live.rule.origin ? identity : labels,
        annotations: routed?.annotations ?? {},
        state: alertstate,
        activeAt: formatInstant(state.startedAt),
        ...(state.name === 'recovering' && { keepFiringSince: formatInstant(state.since) }),
        value: goFloat(state.value ?? Number.NaN),
      },
    ];
  });
}

/** As Go's `'e'` with as many digits as needed: `1e+00`. */
function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
}

function goInstant(time: number | null): string {
  return time === null ? NEVER : formatInstant(time);
}
