import { formatMatchers, matcherIssues, parseMatchers } from '../../alerting/index.ts';
import { invalid } from '../../model/errors.ts';
import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { MatchersBody } from '../contract/alert-routing.ts';

/** The matchers of a body. Throws 422 where one cannot be understood, or all match everything. */
export function toMatchers(body: MatchersBody): LabelMatcher[] {
  const parts = typeof body === 'string' ? [body] : body;
  const matchers = parts.flatMap((part, index) => {
    if (typeof part !== 'string') return [part];
    try {
      return parseMatchers(part);
    } catch (error) {
      const path = typeof body === 'string' ? 'matchers' : `matchers[${index}]`;
      throw invalid({ path, message: (error as Error).message });
    }
  });
  const issues = matcherIssues(matchers);
  if (issues.length > 0) throw invalid(...issues);
  return matchers;
}

/** For answers. */
export function showMatchers(matchers: readonly LabelMatcher[]) {
  return {
    matchers: matchers.map((matcher) => ({ ...matcher })),
    matcher_text: formatMatchers(matchers).slice(1, -1),
  };
}
