import type { MapEdge, MapNode, ServiceMap } from '../../analysis/service-map/index.ts';
import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { type ServiceMap as ServiceMapAnswer, serviceMap, serviceMapQuery } from '../contract/service-map.ts';
import { resolveWindow } from '../window.ts';

export interface ServiceMapDependencies {
  readonly map: ServiceMap;
  readonly clock: Clock;
}

export function serviceMapRoutes({ map, clock }: ServiceMapDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/monitoring/service-map',
      tag: 'monitoring',
      summary:
        'Who calls whom: services, databases, queues, external systems and users, with rate, errors and duration',
      scope: 'read',
      query: serviceMapQuery,
      success: { status: 200, schema: serviceMap },
      handle: async ({ query, signal }): Promise<ServiceMapAnswer> => {
        const range = resolveWindow(query, clock.now());
        const { nodes, edges, sampledRatio } = await map.read(range, { environment: query.environment, signal });
        return {
          start: formatInstant(range.start),
          end: formatInstant(range.end),
          sampled_ratio: sampledRatio,
          nodes: nodes.map(describeNode),
          edges: edges.map(describeEdge),
        };
      },
    }),
  ];
}

function describeNode({ id, kind, name, status, requestsPerSecond, errorRatio, latencyMs }: MapNode) {
  return {
    id,
    kind,
    name,
    status,
    requests_per_second: requestsPerSecond,
    error_ratio: errorRatio ?? null,
    latency_ms: latencyMs ?? null,
  };
}

function describeEdge({ source, target, requestsPerSecond, errorRatio, latencyMs }: MapEdge) {
  return {
    source,
    target,
    requests_per_second: requestsPerSecond,
    error_ratio: errorRatio,
    latency_ms: { p50: latencyMs.p50, p95: latencyMs.p95 },
  };
}
