import { RE2JS } from 're2js';
import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { Labels } from '../../model/labels.ts';

/** Rules and dashboards ask with the same patterns again and again; compiling one costs more than most of its uses. */
const MOST_COMPILED = 1000;
const MOST_PATTERN_LENGTH = 2000;
const compiled = new Map<string, RE2JS>();

/** RE2 anchored at both ends, `.` matches newlines, as in all matchers of Prometheus. Throws on a wrong pattern. */
export function compileAnchored(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known) return known;
  const regex = RE2JS.compile(pattern, RE2JS.DOTALL);
  if (pattern.length > MOST_PATTERN_LENGTH) return regex;
  if (compiled.size >= MOST_COMPILED) compiled.delete(compiled.keys().next().value!);
  compiled.set(pattern, regex);
  return regex;
}

/** A test for label sets. Throws on a wrong regular expression. */
export function compileMatchers(matchers: readonly LabelMatcher[]): (labels: Labels) => boolean {
  const tests = matchers.map((matcher) => ({ name: matcher.name, accepts: compileValueTest(matcher) }));
  return (labels) => tests.every(({ name, accepts }) => accepts(labels[name] ?? ''));
}

/** A test for values of the matcher's label; `''` stands for no label. */
export function compileValueTest(matcher: LabelMatcher): (value: string) => boolean {
  const { operator, value: wanted } = matcher;
  if (operator === '=') return (value) => value === wanted;
  if (operator === '!=') return (value) => value !== wanted;
  const pattern = compileAnchored(wanted);
  return operator === '=~' ? (value) => pattern.matches(value) : (value) => !pattern.matches(value);
}
