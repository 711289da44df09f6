import { RE2JS } from 're2js';
import { invalid } from '../../../model/errors.ts';
import type { LabelMatcher } from '../../../model/label-matcher.ts';

/** A test of a label's value; `''` stands for no label. `exact`: the only values that can pass, where they are known. */
export interface LabelPredicate {
  readonly label: string;
  readonly exact: ReadonlySet<string> | undefined;
  readonly acceptsEmpty: boolean;
  accepts(value: string): boolean;
}

/** Throws `ServiceError('invalid')` on a wrong regular expression. */
export function toPredicate(matcher: LabelMatcher): LabelPredicate {
  const { name: label, operator, value } = matcher;
  const isNegative = operator === '!=' || operator === '!~';
  const values = operator === '=' || operator === '!=' ? new Set([value]) : literalsOf(value);
  const positive = values ? (text: string) => values.has(text) : regexTest(value);
  const accepts = isNegative ? (text: string) => !positive(text) : positive;
  return { label, accepts, exact: isNegative ? undefined : values, acceptsEmpty: accepts('') };
}

/** The texts of an expression that is nothing but alternatives (`a|b|c`): far faster than running it. */
function literalsOf(pattern: string): ReadonlySet<string> | undefined {
  return /^[^\\.+*?()[\]{}^$]*$/.test(pattern) ? new Set(pattern.split('|')) : undefined;
}

/** RE2, anchored at both ends, `.` takes new lines too: as all matchers of Prometheus. */
function regexTest(pattern: string): (text: string) => boolean {
  if (pattern === '.*') return () => true;
  if (pattern === '.+') return (text) => text !== '';
  try {
    const compiled = RE2JS.compile(pattern, RE2JS.DOTALL);
    return (text) => compiled.matches(text);
  } catch (error) {
    const message = `the regular expression "${pattern.slice(0, 100)}" is wrong: ${(error as Error).message}`;
    throw invalid({ path: 'query', message });
  }
}
