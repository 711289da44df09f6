import type { ServicePerformance } from '../../api-client/types.ts';

const ORDER = { unhealthy: 0, degraded: 1, healthy: 2, unknown: 3 };

/** Those in trouble first, then the busiest. */
export function worstFirst(services: readonly ServicePerformance[]): ServicePerformance[] {
  return [...services].sort(
    (a, b) =>
      ORDER[a.status] - ORDER[b.status] ||
      (b.requests_per_second ?? -1) - (a.requests_per_second ?? -1) ||
      a.service.localeCompare(b.service),
  );
}
