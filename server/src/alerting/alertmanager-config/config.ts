import { ConfigMap } from '../../lib/config-map.ts';
import type { Issue } from '../../model/errors.ts';
import type { LabelMatcher } from '../../model/label-matcher.ts';
import { compileMatchers } from '../routing/label-matchers.ts';
import { parseMatchers } from '../routing/parse-matchers.ts';
import type { RouteSettings } from '../routing/route-tree.ts';
import { checkGlobalFields } from './foreign-receivers.ts';
import { checkGlobal, parseReceivers, type Receiver } from './receivers.ts';
import { type NamedInterval, parseNamedIntervals } from './time-interval.ts';

export interface InhibitRule {
  readonly name: string;
  /** Of each, an alert must fire. */
  readonly sources: readonly InhibitSource[];
  readonly target: readonly LabelMatcher[];
}

interface InhibitSource {
  readonly matchers: readonly LabelMatcher[];
  /** Labels in which it and what it inhibits must agree. */
  readonly equal: readonly string[];
}

/** What of Alertmanager's configuration decides who hears of what, and when. */
export interface AlertmanagerConfig {
  readonly route: RouteSettings;
  readonly receivers: readonly Receiver[];
  readonly inhibitRules: readonly InhibitRule[];
  readonly timeIntervals: readonly NamedInterval[];
  /** How long an alert that comes without an end lasts, milliseconds. */
  readonly resolveTimeoutMs: number;
  /** What was understood and has no effect here. */
  readonly warnings: readonly Issue[];
}

/** Routing as the configuration file has it. */
export interface ConfiguredRouting {
  readonly config: AlertmanagerConfig;
  /** What it was read from. */
  readonly document: unknown;
}

export const RESOLVE_TIMEOUT_MS = 300_000;
const NO_ROUTE: RouteSettings = {
  receiver: '',
  groupBy: undefined,
  groupWaitMs: undefined,
  groupIntervalMs: undefined,
  repeatIntervalMs: undefined,
  matchers: [],
  continue: false,
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  routes: [],
};

/** The fields that decide about routing; those of `system-service.yaml`, too. */
const ROUTING_FIELDS = ['route', 'receivers', 'inhibit_rules', 'time_intervals', 'mute_time_intervals'] as const;

/**
 * Alertmanager's configuration, read and judged as it is there. Mistakes, all of them, are added to `problems`; the
 * result is of use only where there are none. https://prometheus.io/docs/alerting/latest/configuration/
 */
export function parseAlertmanagerConfig(value: unknown, problems: Issue[]): AlertmanagerConfig {
  const root = new ConfigMap(value, '', problems);
  const config = readAlertmanagerConfig(root, root.map('global') ?? new ConfigMap({}, 'global', problems));
  const templates = { path: 'templates', message: 'Go templates are not used: messages are made of our own' };
  const warnings = root.texts('templates') ? [templates, ...config.warnings] : config.warnings;
  root.raw('tracing');
  root.refuseOthers();
  const global = root.map('global');
  if (global) checkGlobalFields(global);
  return { ...config, warnings };
}

/** The part of a file that is about routing; its mistakes go where those of the map go. */
function readAlertmanagerConfig(root: ConfigMap, global: ConfigMap): AlertmanagerConfig {
  const warnings: Issue[] = [];
  const warn = (path: string, message: string) => void warnings.push({ path, message });
  checkGlobal(global);
  const receivers = parseReceivers(root.maps('receivers') ?? [], global, warn);
  const known = new Set<string>();
  const timeIntervals = [
    ...parseNamedIntervals(root.maps('mute_time_intervals') ?? [], 'mute time interval', known),
    ...parseNamedIntervals(root.maps('time_intervals') ?? [], 'time interval', known),
  ];
  const routeMap = root.map('route');
  if (!routeMap) root.fail('route', root.keys().length === 0 ? 'no route provided in config' : 'no routes provided');
  const names = { receivers: new Set(receivers.map(({ name }) => name)), intervals: known };
  const route = routeMap ? parseRoute(routeMap, names, true) : NO_ROUTE;
  const inhibitRules = (root.maps('inhibit_rules') ?? []).map(parseInhibitRule);
  const resolveTimeoutMs = global.duration('resolve_timeout') ?? RESOLVE_TIMEOUT_MS;
  return { route, receivers, inhibitRules, timeIntervals, resolveTimeoutMs, warnings };
}

interface Known {
  readonly receivers: ReadonlySet<string>;
  readonly intervals: ReadonlySet<string>;
}

function parseRoute(map: ConfigMap, known: Known, isRoot: boolean): RouteSettings {
  const receiver = map.text('receiver');
  const matchers = parseMatcherFields(map, { equal: 'match', pattern: 'match_re', lines: 'matchers' });
  const muteTimeIntervals = map.texts('mute_time_intervals') ?? [];
  const activeTimeIntervals = map.texts('active_time_intervals') ?? [];
  if (isRoot) {
    if (!receiver) map.fail('receiver', 'root route must specify a default receiver');
    if (matchers.length > 0) map.fail('matchers', 'root route must not have any matchers');
    if (muteTimeIntervals.length > 0) {
      map.fail('mute_time_intervals', 'root route must not have any mute time intervals');
    }
    if (activeTimeIntervals.length > 0) {
      map.fail('active_time_intervals', 'root route must not have any active time intervals');
    }
    if (map.flag('continue')) map.fail('continue', 'cannot have continue in root route');
  }
  if (receiver && !known.receivers.has(receiver))
    map.fail('receiver', `undefined receiver "${receiver}" used in route`);
  for (const name of [...muteTimeIntervals, ...activeTimeIntervals]) {
    if (!known.intervals.has(name)) map.fail('', `undefined time interval "${name}" used in route`);
  }
  const groupIntervalMs = map.duration('group_interval');
  if (groupIntervalMs === 0) map.fail('group_interval', 'group_interval cannot be zero');
  const settings = {
    receiver: receiver || undefined,
    groupBy: parseGroupBy(map),
    groupWaitMs: map.duration('group_wait'),
    groupIntervalMs,
    repeatIntervalMs: map.duration('repeat_interval'),
    matchers,
    continue: map.flag('continue') ?? false,
    muteTimeIntervals,
    activeTimeIntervals,
    routes: (map.maps('routes') ?? []).map((child) => parseRoute(child, known, false)),
  };
  map.raw('labels');
  map.refuseOthers();
  return settings;
}

function parseGroupBy(map: ConfigMap): string[] | undefined {
  const names = map.texts('group_by');
  if (!names) return undefined;
  if (names.length > 0 && names.every((name) => name === '...')) return ['...'];
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) map.fail('group_by', `duplicated label "${twice}" in group_by`);
  if (names.includes('')) map.fail('group_by', 'invalid label name "" in group_by list');
  if (names.length > 1 && names.includes('...')) {
    map.fail('group_by', 'cannot have wildcard group_by (`...`) and other labels at the same time');
  }
  return names;
}

function parseInhibitRule(map: ConfigMap): InhibitRule {
  const matchers = parseMatcherFields(map, {
    equal: 'source_match',
    pattern: 'source_match_re',
    lines: 'source_matchers',
  });
  const equal = parseEqual(map, 'equal list');
  const sources = (map.maps('sources') ?? []).map(parseSource);
  if (sources.length > 0 && matchers.length + equal.length > 0) {
    const message = 'sources cannot be combined with source_match, source_match_re, source_matchers, or equal';
    map.fail('sources', message);
  }
  const rule = {
    name: map.text('name') ?? '',
    sources: sources.length > 0 ? sources : [{ matchers, equal }],
    target: parseMatcherFields(map, {
      equal: 'target_match',
      pattern: 'target_match_re',
      lines: 'target_matchers',
    }),
  };
  map.refuseOthers();
  return rule;
}

function parseSource(map: ConfigMap, index: number): InhibitSource {
  const matchers = parseMatcherLines(map, 'matchers');
  const equal = parseEqual(map, 'source equal list');
  if (matchers.length === 0) map.fail('matchers', `source ${index}: matchers must not be empty`);
  else if (compileMatchers(matchers).matches({})) {
    map.fail('matchers', `source ${index}: at least one matcher must not match the empty string`);
  }
  map.refuseOthers();
  return { matchers, equal };
}

function parseEqual(map: ConfigMap, where: string): string[] {
  const names = map.texts('equal') ?? [];
  if (names.includes('')) map.fail('equal', `invalid label name "" in ${where}`);
  return names;
}

/** The present form (a list of matchers) and the older ones (maps of names to values or patterns). */
function parseMatcherFields(
  map: ConfigMap,
  fields: { readonly equal: string; readonly pattern: string; readonly lines: string },
): LabelMatcher[] {
  const matchers: LabelMatcher[] = [];
  for (const [name, value] of Object.entries(map.textMap(fields.equal) ?? {})) {
    refuseOddName(map, fields.equal, name);
    matchers.push({ name, operator: '=', value });
  }
  const patterns = map.raw(fields.pattern);
  for (const [name, value] of Object.entries(map.textMap(fields.pattern) ?? {})) {
    refuseOddName(map, fields.pattern, name);
    if ((patterns as Record<string, unknown>)[name] === null) {
      map.fail(`${fields.pattern}.${name}`, `invalid regexp value for "${name}"`);
    }
    const matcher = { name, operator: '=~', value: `^(?:${value})$` } as const;
    matchers.push(...compiling(map, fields.pattern, [matcher]));
  }
  return [...matchers, ...parseMatcherLines(map, fields.lines)];
}

/** The older form knows no names of UTF-8. */
function refuseOddName(map: ConfigMap, field: string, name: string): void {
  if (!/^[a-z_]\w*$/i.test(name)) map.fail(field, `invalid label name "${name}"`);
}

function parseMatcherLines(map: ConfigMap, field: string): LabelMatcher[] {
  return (map.texts(field) ?? []).flatMap((line, index) => {
    try {
      return compiling(map, `${field}[${index}]`, parseMatchers(line));
    } catch (error) {
      map.fail(`${field}[${index}]`, (error as Error).message);
      return [];
    }
  });
}

/** The matchers; those with a pattern that is none are a mistake, and left out. */
function compiling(map: ConfigMap, field: string, matchers: readonly LabelMatcher[]): LabelMatcher[] {
  return matchers.filter((matcher) => {
    try {
      compileMatchers([matcher]);
      return true;
    } catch (error) {
      map.fail(field, (error as Error).message);
      return false;
    }
  });
}

/** The routing of `system-service.yaml`; `undefined` where the file has none. */
export function readConfiguredRouting(file: ConfigMap): ConfiguredRouting | undefined {
  const document = Object.fromEntries(ROUTING_FIELDS.map((field) => [field, file.raw(field)]));
  if (Object.values(document).every((part) => part === undefined)) return undefined;
  return { config: readAlertmanagerConfig(file, new ConfigMap({}, 'global', [])), document };
}
