import type { Route } from '../../../http/index.ts';
import type { Logger } from '../../../model/logger.ts';
import type { MetricStore } from '../../../stores/telemetry/index.ts';
import { sendPrometheusError } from './errors.ts';
import { type FederateDependencies, federateRoute } from './federate-route.ts';
import { labelRoutes } from './label-routes.ts';
import { type QueryDependencies, queryRoutes } from './query-routes.ts';
import { type StatusDependencies, statusRoutes } from './status-routes.ts';

export interface PrometheusDependencies extends QueryDependencies, StatusDependencies, FederateDependencies {
  readonly store: Pick<MetricStore, 'select' | 'series' | 'labelNames' | 'labelValues' | 'describe'>;
  readonly logger: Logger;
}

/**
 * Prometheus' HTTP API, for Grafana, promtool and other clients that are not ours.
 * https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export function prometheusRoutes(dependencies: PrometheusDependencies): Route[] {
  const { logger, store } = dependencies;
  const routes = [
    ...queryRoutes(dependencies),
    ...labelRoutes(store),
    ...statusRoutes(dependencies),
    federateRoute(dependencies),
  ];
  return routes.map((definition) => ({
    ...definition,
    onError: (error, request, reply) => sendPrometheusError(error, request, reply, logger),
  }));
}
