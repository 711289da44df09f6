import { LineCounter, type Node, parseDocument } from 'yaml';
import type { Labels } from '../../model/labels.ts';
import type { RuleFileProblem } from '../rule-files/rule-file.ts';
import { YamlMap, YamlProblems } from '../rule-files/yaml-map.ts';
import { type NotedValue, parseNotedNumber, parseNotedSeries, parseNotedValues } from './series-notation.ts';

/** A file of unit tests for rules, as promtool reads it. https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
export interface RuleTestFile {
  /** Patterns, relative to the file. */
  readonly ruleFiles: readonly string[];
  readonly evaluationIntervalMs: number;
  /** True: values may differ in the last bit. */
  readonly fuzzyCompare: boolean;
  /** Names of groups that are evaluated first, in this order. */
  readonly groupOrder: readonly string[];
  readonly tests: readonly RuleTest[];
}

export interface RuleTest {
  readonly name: string;
  /** Between two values of an input series, milliseconds. */
  readonly intervalMs: number;
  /** Unix milliseconds. */
  readonly startMs: number;
  readonly externalLabels: Labels;
  readonly externalUrl: string;
  readonly input: readonly { readonly labels: Labels; readonly values: readonly NotedValue[] }[];
  readonly alerts: readonly AlertExpectation[];
  readonly expressions: readonly ExpressionExpectation[];
}

export interface AlertExpectation {
  /** After the start, milliseconds. */
  readonly atMs: number;
  readonly alertname: string;
  /** What fires then; labels with `alertname`. */
  readonly firing: readonly { readonly labels: Labels; readonly annotations: Labels }[];
}

export interface ExpressionExpectation {
  readonly atMs: number;
  readonly query: string;
  readonly samples: readonly { readonly labels: Labels; readonly value: NotedValue }[];
}

const FILE_FIELDS = ['rule_files', 'evaluation_interval', 'fuzzy_compare', 'group_eval_order', 'tests'];
const TEST_FIELDS = [
  ...['interval', 'start_timestamp', 'name', 'input_series', 'alert_rule_test', 'promql_expr_test'],
  ...['external_labels', 'external_url'],
];
const MINUTE_MS = 60_000;

/** Reads a test file; every mistake is told with its line. */
export function parseRuleTestFile(text: string): { file: RuleTestFile; problems: readonly RuleFileProblem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, merge: true, prettyErrors: false });
  const problems = new YamlProblems(document, lines);
  for (const { pos, message } of document.errors) {
    const { line, col } = lines.linePos(pos[0]);
    problems.list.push({ line, column: col, message });
  }
  const root = document.errors.length > 0 ? undefined : readRoot(document.contents as Node | null, problems);
  root?.allowOnly(FILE_FIELDS);
  const groupOrder = root?.list('group_eval_order') ?? [];
  const twice = groupOrder.find((name, index) => groupOrder.indexOf(name) !== index);
  if (twice !== undefined) root?.fail('group_eval_order', `group name repeated in evaluation order: ${twice}`);
  const evaluationIntervalMs = root?.duration('evaluation_interval') || MINUTE_MS;
  const file = {
    ruleFiles: root?.list('rule_files') ?? [],
    evaluationIntervalMs,
    fuzzyCompare: root?.flag('fuzzy_compare') ?? false,
    groupOrder,
    tests: root?.maps('tests').map((map) => readTest(map, evaluationIntervalMs)) ?? [],
  };
  return { file, problems: problems.list };
}

function readRoot(contents: Node | null, problems: YamlProblems): YamlMap | undefined {
  return contents === null ? undefined : YamlMap.of(contents, 'the file', problems);
}

function readTest(map: YamlMap, evaluationIntervalMs: number): RuleTest {
  map.allowOnly(TEST_FIELDS);
  const anyText = () => undefined;
  return {
    name: map.text('name') ?? '',
    intervalMs: map.duration('interval') || evaluationIntervalMs,
    startMs: readStart(map),
    externalLabels: map.texts('external_labels', anyText),
    externalUrl: map.text('external_url') ?? '',
    input: map.maps('input_series').flatMap((series) => readSeries(series) ?? []),
    alerts: map.maps('alert_rule_test').map((test) => {
      test.allowOnly(['eval_time', 'alertname', 'exp_alerts']);
      const alertname = test.text('alertname') ?? '';
      if (alertname === '') test.fail('alertname', 'alertname must be set');
      const firing = test.maps('exp_alerts').map((alert) => {
        alert.allowOnly(['exp_labels', 'exp_annotations']);
        return {
          labels: { ...alert.texts('exp_labels', anyText), alertname },
          annotations: alert.texts('exp_annotations', anyText),
        };
      });
      return { atMs: test.duration('eval_time') ?? 0, alertname, firing };
    }),
    expressions: map.maps('promql_expr_test').map((test) => {
      test.allowOnly(['expr', 'eval_time', 'exp_samples']);
      const samples = test.maps('exp_samples').flatMap((sample) => readSample(sample) ?? []);
      return { atMs: test.duration('eval_time') ?? 0, query: test.text('expr') ?? '', samples };
    }),
  };
}

/** Unix seconds or RFC 3339; the answer is in milliseconds. */
function readStart(map: YamlMap): number {
  const text = map.text('start_timestamp') ?? '';
  if (text === '') return 0;
  const milliseconds = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text);
  if (!Number.isNaN(milliseconds)) return Math.round(milliseconds);
  map.fail('start_timestamp', `"${text}" is neither Unix seconds nor RFC 3339`);
  return 0;
}

function readSeries(map: YamlMap) {
  map.allowOnly(['series', 'values']);
  if (!map.text('series')) return map.fail('series', 'which series? such as up{job="a"}');
  return attempt(map, 'series', () => {
    const { labels } = parseNotedSeries(map.text('series') ?? '');
    return { labels, values: attempt(map, 'values', () => parseNotedValues(map.text('values') ?? '')) ?? [] };
  });
}

function readSample(map: YamlMap) {
  map.allowOnly(['labels', 'value', 'histogram']);
  const labels = attempt(map, 'labels', () => parseNotedSeries(map.text('labels') ?? '').labels) ?? {};
  const histogram = map.text('histogram') ?? '';
  if (histogram !== '') {
    return attempt(map, 'histogram', () => ({ labels, value: parseNotedValues(histogram)[0] }));
  }
  const text = map.text('value') ?? '0';
  const value = parseNotedNumber(text.replace(/^([+-]?)\.(inf|nan)$/i, '$1$2'));
  return value === undefined ? map.fail('value', `"${text}" is no number`) : { labels, value };
}

function attempt<Result>(map: YamlMap, field: string, read: () => Result): Result | undefined {
  try {
    return read();
  } catch (error) {
    return map.fail(field, (error as Error).message);
  }
}
