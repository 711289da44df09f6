import type { MetricsAnswer } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';

/** The newest readings of the host, and which of its metrics there are. */
export function useSystem() {
  return useLiveQuery<MetricsAnswer>('api/monitoring/metrics', { search: 'host_', limit: 200 });
}
