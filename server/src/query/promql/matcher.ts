import { RE2JS } from 're2js';
import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { Labels } from '../../model/labels.ts';

/** RE2 anchored at both ends, `.` matches newlines, as in all matchers of Prometheus. Throws on a wrong pattern. */
export function compileAnchored(pattern: string): RE2JS {
  return RE2JS.compile(pattern, RE2JS.DOTALL);
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
