import { RE2JS } from 're2js';
import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { Labels } from '../../model/labels.ts';

/** Matchers made ready for use. All of them must hold; no matcher at all holds for everything. */
export interface CompiledMatchers {
  readonly matchers: readonly LabelMatcher[];
  matches(labels: Labels): boolean;
}

/** Throws an `Error` where a regular expression is wrong. RE2, anchored at both ends; a missing label is `''`. */
export function compileMatchers(matchers: readonly LabelMatcher[]): CompiledMatchers {
  const tests = matchers.map((matcher) => ({ name: matcher.name, accepts: valueTest(matcher) }));
  return {
    matchers,
    matches: (labels) => {
      for (const { name, accepts } of tests) if (!accepts(labels[name] ?? '')) return false;
      return true;
    },
  };
}

/** A test for values of the matcher's label. Throws where its regular expression is wrong. */
export function valueTest({ operator, value: wanted }: LabelMatcher): (value: string) => boolean {
  if (operator === '=') return (value) => value === wanted;
  if (operator === '!=') return (value) => value !== wanted;
  const pattern = compilePattern(wanted);
  return operator === '=~' ? (value) => pattern.matches(value) : (value) => !pattern.matches(value);
}

function compilePattern(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    throw new Error(`"${source}" is no regular expression (RE2): ${(error as Error).message}`);
  }
}

const RESERVED = /[\s{}!=~,"'`\\]/u;

/** As Alertmanager writes it: `{owner="team-A",env=~"prod.*"}`. */
export function formatMatchers(matchers: readonly LabelMatcher[]): string {
  return `{${matchers.map(formatMatcher).join(',')}}`;
}

export function formatMatcher({ name, operator, value }: LabelMatcher): string {
  return `${RESERVED.test(name) || name === '' ? quote(name) : name}${operator}${quote(value)}`;
}

/** A label set as Alertmanager writes it, sorted by name: `{alertname="A", job="b"}`. */
export function formatLabels(labels: Labels): string {
  const names = Object.keys(labels).sort();
  return `{${names.map((name) => `${name}=${quote(labels[name]!)}`).join(', ')}}`;
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n')}"`;
}

/** In one order, whatever the order in which they were written. */
export function sortMatchers(matchers: readonly LabelMatcher[]): LabelMatcher[] {
  const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
  return [...matchers].sort(
    (a, b) => compare(a.name, b.name) || compare(a.value, b.value) || compare(a.operator, b.operator),
  );
}
