import { invalid } from '../../model/errors.ts';
import { parsePromql } from '../../query/promql/index.ts';
import type { AlertForm } from './alert-rule.ts';
import { prepareRule } from './prepare-rule.ts';

/**
 * Looks at a form without a service: throws 422 naming every field that does not fit. What it names of others (alerts,
 * receivers, policies) is not looked up.
 */
export function checkForm(form: AlertForm): void {
  if (form.queryLanguage === 'alerts') return;
  const { condition } = prepareRule(form);
  if (condition.kind !== 'promql' || form.query === null) return;
  try {
    parsePromql(form.query);
  } catch (error) {
    throw invalid({ path: 'query', message: (error as Error).message });
  }
}
