import {
  type NotedValue,
  parseNotedNumber,
  parseNotedSeries,
  parseNotedValues,
} from '../../../server/src/alerting/rule-tests/series-notation.ts';
import { unquoteGo } from '../../../server/src/lib/go-string.ts';
import { compact } from '../../../server/src/lib/native-histogram/buckets.ts';
import { type Labels, labelsKey } from '../../../server/src/model/labels.ts';
import type { NativeHistogram } from '../../../server/src/model/native-histogram.ts';
import { compareLabels } from '../../../server/src/query/promql/evaluation/labels.ts';
import type { InstantResult, PromqlAnswer, RangeResult } from '../../../server/src/query/promql/index.ts';
import { duration, type Evaluation } from './script.ts';

export type Outcome = { readonly answer: PromqlAnswer<InstantResult | RangeResult> } | { readonly error: Error };

interface ExpectedSeries {
  readonly labels: Labels;
  readonly values: readonly NotedValue[];
}

/** What is wrong with an outcome, or `undefined` where it is as the script wants it. */
export function mistakeIn(evaluation: Evaluation, outcome: Outcome): string | undefined {
  const expectLines = evaluation.lines.filter((line) => line.startsWith('expect '));
  const failure = expectLines.find((line) => line.startsWith('expect fail'));
  if (failure !== undefined || evaluation.mustFail) {
    if (!('error' in outcome)) return 'should have failed';
    return failure === undefined
      ? undefined
      : mistakeInText(failure.slice('expect fail'.length), outcome.error.message);
  }
  if ('error' in outcome) return `failed: ${outcome.error.message}`;
  return (
    mistakeInAnnotations(expectLines, 'warn', outcome.answer.warnings) ??
    mistakeInAnnotations(expectLines, 'info', outcome.answer.infos) ??
    mistakeInResult(evaluation, expectLines, outcome.answer.result)
  );
}

function mistakeInText(condition: string, text: string): string | undefined {
  const match = /^\s*(msg|regex):\s*(.*)$/s.exec(condition);
  if (!match) return undefined;
  const holds = match[1] === 'msg' ? text === match[2] : new RegExp(match[2]!).test(text);
  return holds ? undefined : `text is ${JSON.stringify(text)}, wanted ${condition.trim()}`;
}

function mistakeInAnnotations(
  lines: readonly string[],
  kind: 'warn' | 'info',
  found: readonly string[],
): string | undefined {
  if (lines.includes(`expect no_${kind}`) && found.length > 0) return `unwanted ${kind}: ${found.join(' | ')}`;
  const wanted = lines
    .filter((line) => line.startsWith(`expect ${kind}`))
    .map((line) => line.slice(`expect ${kind}`.length));
  if (wanted.length === 0) return undefined;
  if (found.length === 0) return `no ${kind}, wanted${wanted.join(' | ')}`;
  for (const condition of wanted) {
    if (!found.some((text) => mistakeInText(condition, text) === undefined))
      return `no ${kind} like${condition}: ${found.join(' | ')}`;
  }
  const other = found.find((text) => !wanted.some((condition) => mistakeInText(condition, text) === undefined));
  return other === undefined ? undefined : `unwanted ${kind}: ${other}`;
}

function mistakeInResult(
  evaluation: Evaluation,
  expectLines: readonly string[],
  result: InstantResult | RangeResult,
): string | undefined {
  const text = expectLines.find((line) => line.startsWith('expect string '));
  if (text !== undefined) {
    const wanted = unquoteGo(text.slice('expect string '.length));
    return result.type === 'string' && result.value === wanted ? undefined : `wanted the string ${wanted}`;
  }
  const lines = evaluation.lines.filter((line) => !line.startsWith('expect '));
  const number = lines.length > 0 ? parseNotedNumber(lines[0]!) : undefined;
  if (number !== undefined) {
    const isSame = result.type === 'scalar' && isNear(number, result.value);
    return isSame ? undefined : `wanted the scalar ${number}, got ${describe(result)}`;
  }
  const wanted: ExpectedSeries[] = [];
  for (const line of lines) {
    const { labels, rest } = parseNotedSeries(line);
    wanted.push({ labels, values: parseNotedValues(rest) });
  }
  if (result.type === 'vector') return mistakeInVector(wanted, result, expectLines.includes('expect ordered'));
  if (result.type !== 'matrix') {
    if (result.type === 'scalar' && evaluation.step === 0) return `unwanted scalar ${result.value}`;
    return `unwanted ${result.type}`;
  }
  const window = expectLines
    .map((line) => /^expect range vector from (\S+) to (\S+) step (\S+)$/.exec(line))
    .find(Boolean);
  const start = window ? duration(window[1]!) : evaluation.start;
  const step = window ? duration(window[3]!) : evaluation.step;
  return mistakeInMatrix(wanted, result, start, step);
}

function mistakeInVector(
  wanted: readonly ExpectedSeries[],
  result: InstantResult & { type: 'vector' },
  ordered: boolean,
): string | undefined {
  const { samples } = result;
  if (samples.length !== wanted.length) return `wanted ${wanted.length} series, got ${describe(result)}`;
  const rest = new Map(
    samples.map((sample, index) => [labelsKey(sample.labels), { value: sample.histogram ?? sample.value, index }]),
  );
  for (const [index, { labels, values }] of wanted.entries()) {
    const found = rest.get(labelsKey(labels));
    if (!found) return `missing ${JSON.stringify(labels)} in ${describe(result)}`;
    if (ordered && found.index !== index) return `wrong order: ${describe(result)}`;
    if (!isSameValue(values[0], found.value))
      return `${JSON.stringify(labels)} is ${JSON.stringify(found.value)}, wanted ${JSON.stringify(values[0])}`;
  }
  return undefined;
}

function mistakeInMatrix(
  wanted: readonly ExpectedSeries[],
  result: RangeResult,
  start: number,
  step: number,
): string | undefined {
  if (result.series.length !== wanted.length) return `wanted ${wanted.length} series, got ${describe(result)}`;
  for (const [index, series] of result.series.entries()) {
    const next = result.series[index + 1];
    if (next && compareLabels(series.labels, next.labels) >= 0) return 'not sorted by labels';
  }
  const rest = new Map(result.series.map((series) => [labelsKey(series.labels), series]));
  for (const { labels, values } of wanted) {
    const found = rest.get(labelsKey(labels));
    if (!found) return `missing ${JSON.stringify(labels)} in ${describe(result)}`;
    const points = values.flatMap((value, at) => (value === undefined ? [] : [[start + at * step, value] as const]));
    const isSame =
      points.length === found.values.length &&
      points.every(
        ([time, value], at) =>
          found.timestamps[at] === time && isSameValue(value, found.histograms?.[at] ?? found.values[at]!),
      );
    if (!isSame)
      return `${JSON.stringify(labels)}: wanted ${JSON.stringify(points)}, got ${[...found.timestamps].map((time, at) => `${time}=${found.values[at]}`).join(' ')}`;
  }
  return undefined;
}

function isSameValue(wanted: NotedValue, found: number | NativeHistogram): boolean {
  if (typeof wanted === 'number') return typeof found === 'number' && isNear(wanted, found);
  if (typeof wanted !== 'object' || typeof found === 'number') return false;
  const [a, b] = [compact(wanted), compact(found)];
  const near = (x: readonly number[], y: readonly number[]) =>
    x.length === y.length && x.every((value, i) => isNear(value, y[i]!));
  return (
    a.schema === b.schema &&
    a.zeroThreshold === b.zeroThreshold &&
    near([a.count, a.sum, a.zeroCount], [b.count, b.sum, b.zeroCount]) &&
    a.customValues.join() === b.customValues.join() &&
    a.positive.indexes.join() === b.positive.indexes.join() &&
    a.negative.indexes.join() === b.negative.indexes.join() &&
    near(a.positive.counts, b.positive.counts) &&
    near(a.negative.counts, b.negative.counts) &&
    (!wanted.hintStated || a.hint === b.hint)
  );
}

/** The tolerance of the scripts: 1e-6 of the sum, nothing where one side is 0. */
function isNear(a: number, b: number): boolean {
  if ((Number.isNaN(a) && Number.isNaN(b)) || a === b) return true;
  const sum = Math.abs(a) + Math.abs(b);
  const difference = Math.abs(a - b);
  if (a === 0 || b === 0 || sum < 2 ** -1022) return difference < 1e-6 * 2 ** -1022;
  return difference / Math.min(sum, Number.MAX_VALUE) < 1e-6;
}

function describe(result: InstantResult | RangeResult): string {
  return JSON.stringify(result, (_key, value: unknown) =>
    value instanceof Float64Array ? [...value].map(String) : typeof value === 'number' ? String(value) : value,
  ).slice(0, 600);
}
