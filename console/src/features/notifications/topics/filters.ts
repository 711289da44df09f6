import type { Subscription } from '../../../api-client/types.ts';

export const OPERATORS = [
  { value: 'exact', label: 'is' },
  { value: 'prefix', label: 'begins with' },
  { value: 'suffix', label: 'ends with' },
];

/** One condition on an attribute of an event, as the form asks for it. */
export interface Condition {
  readonly key: number;
  attribute: string;
  operator: string;
  value: string;
}

/** As the CloudEvents Subscriptions API writes filters; conditions without an attribute are left out. */
export function filtersOf(conditions: readonly Condition[]): Record<string, Record<string, string>>[] {
  return conditions
    .filter(({ attribute }) => attribute.trim() !== '')
    .map(({ attribute, operator, value }) => ({ [operator]: { [attribute.trim()]: value } }));
}

/** `data.model is pump, type begins with com.espice.`; what the form cannot ask stands as JSON. */
export function describeFilters(filters: Subscription['filters']): string {
  return filters.map(describeFilter).join(', ');
}

function describeFilter(filter: Readonly<Record<string, unknown>>): string {
  const [[kind = '', conditions] = []] = Object.entries(filter);
  const word = OPERATORS.find(({ value }) => value === kind)?.label;
  if (word === undefined || typeof conditions !== 'object' || conditions === null) return JSON.stringify(filter);
  return Object.entries(conditions)
    .map(([attribute, value]) => `${attribute} ${word} ${String(value)}`)
    .join(', ');
}
