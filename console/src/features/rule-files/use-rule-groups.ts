import { useLiveQuery } from '../../api-client/use-live-query.ts';

/** https://prometheus.io/docs/prometheus/latest/querying/api/#rules */
export interface RuleGroup {
  name: string;
  file: string;
  /** Seconds, as are all times here. */
  interval: number;
  evaluationTime: number;
  lastEvaluation: string;
  rules: GroupRule[];
}

export interface GroupRule {
  name: string;
  type: 'alerting' | 'recording';
  query: string;
  health: 'ok' | 'err' | 'unknown';
  lastError?: string;
  evaluationTime: number;
  lastEvaluation: string;
  state?: 'inactive' | 'pending' | 'firing';
}

/** The alerts that were made here stand in a group of this name; they have a page of their own. */
const OWN = 'system-service';

/** The groups of rule files. */
export function useRuleGroups() {
  const query = useLiveQuery<{ data: { groups: RuleGroup[] } }>('api/v1/rules', { exclude_alerts: true });
  return { ...query, groups: query.data?.data.groups.filter(({ file }) => file !== OWN) };
}

/** Undefined for a time that never was, which Go writes as the year 1. */
export function timeOf(text: string): string | undefined {
  return text.startsWith('0001-') ? undefined : text;
}
