import type { LogAnalytics } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { stepFor, type TimeRange } from '../../time/time-range.ts';
import { type LogFilters, logParameters } from './log-filters.ts';

/** How many lines have each value of a field, over time. */
export function useLogVolume(filters: LogFilters, field: 'level' | 'service', range: TimeRange) {
  const parameters = { ...logParameters(filters), group_by: field, step: stepFor(range, 90) };
  return useLiveQuery<LogAnalytics>('api/logs/analytics', parameters, { range });
}
