import { LineCounter, type Node, parseAllDocuments } from 'yaml';
import { type Expression, parsePromql } from '../../query/promql/index.ts';
import { ruleTemplateError } from '../rule-templates/expand.ts';
import type { FileRule, RuleFile, RuleFileProblem, RuleGroup } from './rule-file.ts';
import { YamlMap, YamlProblems } from './yaml-map.ts';

export interface ParsedRuleFile {
  /** What could be read; to be used only where there are no problems. */
  readonly file: RuleFile;
  /** Sorted by line. */
  readonly problems: readonly RuleFileProblem[];
}

export interface RuleFileOptions {
  /** True: fields that Prometheus does not know are stepped over. */
  readonly ignoreUnknownFields?: boolean;
}

const GROUP_FIELDS = ['name', 'interval', 'query_offset', 'limit', 'labels', 'rules'];
const RULE_FIELDS = ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];
/** Larger files are refused as a whole. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Reads a rule file as Prometheus does, or the `spec` of a Kubernetes object of the kind PrometheusRule; of several
 * documents all count. Every mistake is told, with its line.
 */
export function parseRuleFile(text: string, options: RuleFileOptions = {}): ParsedRuleFile {
  if (Buffer.byteLength(text) > MOST_BYTES) {
    const message = `the file has more than ${MOST_BYTES / 1024 / 1024} MiB`;
    return { file: { groups: [] }, problems: [{ line: 1, column: 1, message }] };
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const groups: RuleGroup[] = [];
  const problems: RuleFileProblem[] = [];
  for (const document of 'empty' in documents ? [] : documents) {
    const found = new YamlProblems(document, lines);
    for (const { pos, message } of document.errors) {
      const { line, col } = lines.linePos(pos[0]);
      found.list.push({ line, column: col, message });
    }
    if (document.errors.length === 0) groups.push(...readGroups(document.contents as Node | null, found, options));
    problems.push(...found.list);
  }
  return { file: { groups }, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
}

function readGroups(contents: Node | null, problems: YamlProblems, options: RuleFileOptions): RuleGroup[] {
  if (contents === null) return [];
  const outer = YamlMap.of(contents, 'the file', problems);
  const root = outer?.text('kind') === 'PrometheusRule' ? outer.map('spec') : outer;
  if (!root) return [];
  const ignored = options.ignoreUnknownFields === true;
  if (!ignored) root.allowOnly(['groups', ...(root === outer ? [] : ['namespace'])]);
  const names = new Set<string>();
  return root.maps('groups').map((map) => {
    const group = readGroup(map, ignored);
    if (names.has(group.name)) map.fail('name', `groupname: "${group.name}" is repeated in the same file`);
    names.add(group.name);
    return group;
  });
}

function readGroup(map: YamlMap, ignoresUnknown: boolean): RuleGroup {
  if (!ignoresUnknown) map.allowOnly([...GROUP_FIELDS, 'partial_response_strategy']);
  const name = map.text('name') ?? '';
  if (name === '') map.fail('name', 'Groupname must not be empty');
  const intervalMs = map.duration('interval');
  return {
    name,
    intervalMs: intervalMs === 0 ? undefined : intervalMs,
    queryOffsetMs: map.duration('query_offset'),
    limit: Math.max(0, map.whole('limit') ?? 0),
    labels: map.texts('labels', labelMistake),
    rules: map.maps('rules').flatMap((rule) => readRule(rule, ignoresUnknown) ?? []),
    line: map.line,
  };
}

function readRule(map: YamlMap, ignoresUnknown: boolean): FileRule | undefined {
  if (!ignoresUnknown) map.allowOnly(RULE_FIELDS);
  const record = map.text('record') ?? '';
  const alert = map.text('alert') ?? '';
  if (record !== '' && alert !== '') return map.fail('alert', "only one of 'record' and 'alert' must be set");
  if (record === '' && alert === '') return map.fail(undefined, "one of 'record' or 'alert' must be set");
  const name = record || alert;
  const query = map.text('expr') ?? '';
  const expression = readExpression(map, query);
  const line = map.line;
  if (record !== '') {
    const annotations = Object.keys(map.texts('annotations', () => undefined)).length;
    const given = { annotations, for: map.duration('for'), keep_firing_for: map.duration('keep_firing_for') };
    for (const [field, amount] of Object.entries(given)) {
      if (amount) map.fail(field, `invalid field '${field}' in recording rule`);
    }
    const mistake = recordNameMistake(record);
    if (mistake) map.fail('record', mistake);
    const labels = map.texts('labels', labelMistake);
    return expression && { kind: 'record', name, query, expression, labels, line };
  }
  const template = (text: string) => ruleTemplateError(name, text);
  const labels = map.texts('labels', (label, text) => labelMistake(label, text) ?? template(text));
  const annotations = map.texts('annotations', (annotation, text) =>
    annotation === '' || !annotation.isWellFormed() ? `invalid annotation name: ${annotation}` : template(text),
  );
  const forMs = map.duration('for') ?? 0;
  const keepFiringForMs = map.duration('keep_firing_for') ?? 0;
  return expression && { kind: 'alert', name, query, expression, forMs, keepFiringForMs, labels, annotations, line };
}

function readExpression(map: YamlMap, query: string): Expression | undefined {
  if (query.trim() === '') return map.fail('expr', "field 'expr' must be set in rule");
  try {
    return parsePromql(query);
  } catch (error) {
    return map.fail('expr', `could not parse expression: ${(error as Error).message}`);
  }
}

function labelMistake(name: string, text: string): string | undefined {
  if (name === '' || name === '__name__' || !name.isWellFormed()) return `invalid label name: ${name}`;
  return text.isWellFormed() ? undefined : `invalid label value of ${name}`;
}

function recordNameMistake(name: string): string | undefined {
  if (/[{}]/.test(name)) return `braces present in the recording rule name; should it be in expr?: ${name}`;
  return name.isWellFormed() ? undefined : `invalid recording rule name: ${name}`;
}
