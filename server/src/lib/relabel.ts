import { createHash } from 'node:crypto';
import { RE2JS } from 're2js';
import type { Labels } from '../model/labels.ts';
import type { ConfigMap } from './config-map.ts';
import { expandTemplate, hasVariable, type TemplateMatch } from './regex-template.ts';

const ACTIONS = [
  'replace',
  'keep',
  'drop',
  'keepequal',
  'dropequal',
  'labelmap',
  'labeldrop',
  'labelkeep',
  'hashmod',
  'lowercase',
  'uppercase',
] as const;
type Action = (typeof ACTIONS)[number];

/** One step of a relabelling, as Prometheus' `relabel_config`, with its defaults filled in. */
export interface RelabelRule {
  readonly action: Action;
  readonly sourceLabels: readonly string[];
  readonly separator: string;
  readonly regex: RE2JS;
  /** The regular expression is the default one, which takes everything. */
  readonly matchesAll: boolean;
  readonly modulus: bigint;
  readonly targetLabel: string;
  readonly replacement: string;
}

const DEFAULT_REGEX = '(.*)';
const MATCH_ALL = compile(DEFAULT_REGEX);

/** RE2, anchored by its use, `.` matching line ends. Throws on a wrong pattern. */
function compile(pattern: string): RE2JS {
  return RE2JS.compile(pattern, RE2JS.DOTALL);
}

type Labelled = Map<string, string>;

/**
 * The labels after all rules, or `undefined` where one drops them. A label set to the empty text is taken away. Rules
 * see what the ones before them made. https://prometheus.io/docs/prometheus/latest/configuration/configuration/#relabel_config
 */
export function relabel(labels: Labels, rules: readonly RelabelRule[]): Record<string, string> | undefined {
  const current: Labelled = new Map(Object.entries(labels));
  for (const rule of rules) if (!apply(rule, current)) return undefined;
  const result: Record<string, string> = {};
  for (const [name, value] of current) if (value !== '') result[name] = value;
  return result;
}

/** False where the rule drops the labels. */
function apply(rule: RelabelRule, labels: Labelled): boolean {
  const { action, regex, targetLabel } = rule;
  const value = rule.sourceLabels.map((name) => labels.get(name) ?? '').join(rule.separator);
  switch (action) {
    case 'keep':
      return regex.matches(value);
    case 'drop':
      return !regex.matches(value);
    case 'keepequal':
      return (labels.get(targetLabel) ?? '') === value;
    case 'dropequal':
      return (labels.get(targetLabel) ?? '') !== value;
    case 'replace':
      replace(rule, value, labels);
      return true;
    case 'lowercase':
      set(labels, targetLabel, value.toLowerCase());
      return true;
    case 'uppercase':
      set(labels, targetLabel, value.toUpperCase());
      return true;
    case 'hashmod':
      set(labels, targetLabel, String(hash(value) % rule.modulus));
      return true;
    case 'labelmap':
      for (const [name, text] of [...labels]) {
        const found = match(regex, name);
        if (found) set(labels, expandTemplate(rule.replacement, found), text);
      }
      return true;
    case 'labeldrop':
      for (const name of [...labels.keys()]) if (regex.matches(name)) labels.delete(name);
      return true;
    case 'labelkeep':
      for (const name of [...labels.keys()]) if (!regex.matches(name)) labels.delete(name);
      return true;
  }
}

function replace({ regex, matchesAll, targetLabel, replacement }: RelabelRule, value: string, labels: Labelled): void {
  if (matchesAll && !hasVariable(targetLabel) && !hasVariable(replacement)) {
    set(labels, targetLabel, replacement);
    return;
  }
  const found = match(regex, value);
  if (!found) return;
  const target = expandTemplate(targetLabel, found);
  if (isLabelName(target)) set(labels, target, expandTemplate(replacement, found));
}

function set(labels: Labelled, name: string, value: string): void {
  if (value === '') labels.delete(name);
  else labels.set(name, value);
}

function match(regex: RE2JS, text: string): TemplateMatch | undefined {
  const matcher = regex.matcher(text);
  if (!matcher.matches()) return undefined;
  return { group: (name) => matcher.group(name) ?? undefined, groupCount: matcher.groupCount() };
}

/** The last eight bytes of the MD5 sum, as Prometheus takes them. */
function hash(text: string): bigint {
  return createHash('md5').update(text).digest().readBigUInt64BE(8);
}

/** Any UTF-8 text but none, as Prometheus 3 takes names. */
function isLabelName(name: string): boolean {
  return name !== '' && name.isWellFormed();
}

/** The rules of a list of the configuration; mistakes go where the map collects them. Absent: no rules. */
export function readRelabelRules(map: ConfigMap, key: string): RelabelRule[] {
  return (map.maps(key) ?? []).flatMap((item) => readRule(item) ?? []);
}

/** What an action needs, and what besides `action` it takes. */
const FIELDS: Readonly<Record<Action, { readonly needs: readonly string[]; readonly takes: readonly string[] }>> = {
  replace: { needs: ['target_label'], takes: ['source_labels', 'separator', 'regex', 'replacement', 'modulus'] },
  keep: { needs: [], takes: ['source_labels', 'separator', 'regex', 'target_label', 'replacement', 'modulus'] },
  drop: { needs: [], takes: ['source_labels', 'separator', 'regex', 'target_label', 'replacement', 'modulus'] },
  keepequal: { needs: ['target_label'], takes: ['source_labels'] },
  dropequal: { needs: ['target_label'], takes: ['source_labels'] },
  labelmap: { needs: [], takes: ['source_labels', 'separator', 'regex', 'target_label', 'replacement', 'modulus'] },
  labeldrop: { needs: [], takes: ['regex'] },
  labelkeep: { needs: [], takes: ['regex'] },
  hashmod: { needs: ['target_label', 'modulus'], takes: ['source_labels', 'separator', 'regex', 'replacement'] },
  lowercase: { needs: ['target_label'], takes: ['source_labels', 'separator', 'regex', 'modulus'] },
  uppercase: { needs: ['target_label'], takes: ['source_labels', 'separator', 'regex', 'modulus'] },
};
const OPTIONAL = ['source_labels', 'separator', 'regex', 'modulus', 'target_label', 'replacement'] as const;

function readRule(map: ConfigMap): RelabelRule | undefined {
  const action = readAction(map);
  const pattern = map.text('regex') ?? DEFAULT_REGEX;
  const rule = {
    action: action ?? 'replace',
    sourceLabels: map.texts('source_labels') ?? [],
    separator: map.text('separator') ?? ';',
    regex: readRegex(map, pattern),
    matchesAll: pattern === DEFAULT_REGEX,
    modulus: readModulus(map),
    targetLabel: map.text('target_label') ?? '',
    replacement: map.text('replacement') ?? '$1',
  };
  map.refuseOthers();
  if (action === undefined) return undefined;
  checkFields(map, action);
  for (const [index, name] of rule.sourceLabels.entries()) {
    if (!isLabelName(name)) map.fail(`source_labels[${index}]`, 'a label name cannot be empty');
  }
  return rule;
}

function readAction(map: ConfigMap): Action | undefined {
  const given = map.text('action');
  if (given === undefined) return map.has('action') ? undefined : 'replace';
  const action = ACTIONS.find((name) => name === given.toLowerCase());
  return action ?? map.fail('action', `"${given}" is no action; use one of ${ACTIONS.join(', ')}`);
}

function readRegex(map: ConfigMap, pattern: string): RE2JS {
  if (pattern === DEFAULT_REGEX) return MATCH_ALL;
  try {
    return compile(pattern);
  } catch (error) {
    map.fail('regex', `"${pattern}" is no RE2 expression: ${(error as Error).message}`);
    return MATCH_ALL;
  }
}

function readModulus(map: ConfigMap): bigint {
  const text = map.text('modulus');
  if (text === undefined) return 0n;
  if (/^\d{1,20}$/.test(text) && BigInt(text) < 2n ** 64n) return BigInt(text);
  map.fail('modulus', `"${text}" is no whole number from 1 to 2^64 - 1`);
  return 1n;
}

function checkFields(map: ConfigMap, action: Action): void {
  const { needs, takes } = FIELDS[action];
  for (const field of needs) {
    const value = map.text(field);
    if (value === undefined || value === '') map.fail(field, `the action ${action} needs it`);
    else if (field === 'modulus' && /^0+$/.test(value)) map.fail(field, 'use a number from 1');
  }
  for (const field of OPTIONAL) {
    if (!map.has(field) || needs.includes(field) || takes.includes(field)) continue;
    const allowed = [...needs, ...takes].join(', ');
    map.fail(field, `the action ${action} does not take it, only ${allowed}; remove it`);
  }
}
