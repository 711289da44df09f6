import type { RE2JS } from 're2js';
import { quoteGo } from '../../../lib/go-string.ts';
import { executionError } from '../evaluation/errors.ts';
import type { FunctionImplementation } from '../evaluation/evaluator-contract.ts';
import { isSchemaLabel, withLabel } from '../evaluation/labels.ts';
import { mergeSame } from '../evaluation/merge.ts';
import { type VectorSeries, vector } from '../evaluation/values.ts';
import { compileAnchored } from '../matcher.ts';
import { isLabelName } from './label-name.ts';

export const LABELS: Readonly<Record<string, FunctionImplementation>> = {
  label_replace: async (call, grid, evaluator) => {
    const [target, replacement, source, pattern] = call.arguments
      .slice(1)
      .map((argument) => evaluator.text(argument)) as [string, string, string, string];
    const compiled = compile(pattern);
    requireLabel(target, 'destination label name in label_replace()');
    const series = await evaluator.vector(call.arguments[0]!, grid);
    return vector(
      mergeSame(
        series.map((one) => {
          const value = replaced(compiled, one.labels[source] ?? '', replacement);
          return value === undefined ? one : relabelled(one, target, value);
        }),
      ),
    );
  },
  label_join: async (call, grid, evaluator) => {
    const [target, separator, ...sources] = call.arguments.slice(1).map((argument) => evaluator.text(argument)) as [
      string,
      string,
      ...string[],
    ];
    requireLabel(target, 'destination label name in label_join()');
    for (const source of sources) requireLabel(source, 'source label name in label_join()');
    const series = await evaluator.vector(call.arguments[0]!, grid);
    return vector(
      mergeSame(
        series.map((one) => relabelled(one, target, sources.map((source) => one.labels[source] ?? '').join(separator))),
      ),
    );
  },
};

function compile(pattern: string): RE2JS {
  try {
    return compileAnchored(pattern);
  } catch {
    throw executionError(`invalid regular expression in label_replace(): ${pattern}`);
  }
}

function requireLabel(name: string, what: string): void {
  if (!isLabelName(name)) throw executionError(`invalid ${what}: ${quoteGo(name)}`);
}

/** A name that a label function sets is meant to stay. */
function relabelled(series: VectorSeries, target: string, value: string): VectorSeries {
  const { present, values, histograms } = series;
  const dropName = series.dropName && !isSchemaLabel(target);
  return { labels: withLabel(series.labels, target, value), dropName, present, values, histograms };
}

/** The replacement with `$1`, `${1}`, `$name` filled in, in Go's way; `undefined` where the pattern does not match. */
function replaced(pattern: RE2JS, text: string, replacement: string): string | undefined {
  const matcher = pattern.matcher(text);
  if (!matcher.matches()) return undefined;
  return replacement.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (whole, plain?: string, braced?: string) => {
    if (whole === '$$') return '$';
    const name = plain ?? braced!;
    try {
      return matcher.group(/^\d+$/.test(name) ? Number(name) : name) ?? '';
    } catch {
      return '';
    }
  });
}
