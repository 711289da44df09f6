import type { PerformanceList } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { useTimeRange } from '../../time/use-time-range.ts';

/** Rate, errors and duration of every service over the global range. */
export function useServices() {
  const [range] = useTimeRange();
  return useLiveQuery<PerformanceList>('api/monitoring/performance', {}, { range });
}

/** The names of the services, for a choice. */
export function useServiceNames(): string[] {
  const { data } = useServices();
  return (data?.items ?? []).map((item) => item.service).sort();
}
