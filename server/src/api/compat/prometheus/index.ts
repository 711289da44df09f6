import type { Alerting } from '../../../alerting/index.ts';
import type { Route } from '../../../http/index.ts';
import type { Logger } from '../../../model/logger.ts';
import type { MetricStore } from '../../../stores/telemetry/index.ts';
import type { DriftItem } from '../../contract/provisioning.ts';
import { sendPrometheusError } from './errors.ts';
import { exemplarRoutes } from './exemplar-routes.ts';
import { type FederateDependencies, federateRoute } from './federate-route.ts';
import { labelRoutes, type SeriesIndex } from './label-routes.ts';
import { type QueryDependencies, queryRoutes } from './query-routes.ts';
import { reloadRoutes } from './reload-routes.ts';
import { ruleRoutes } from './rule-routes.ts';
import { type StatusDependencies, statusRoutes } from './status-routes.ts';
import { type TargetSource, targetRoutes } from './target-routes.ts';

export interface PrometheusDependencies extends QueryDependencies, StatusDependencies, FederateDependencies {
  readonly store: Pick<MetricStore, 'select' | 'exemplars' | 'series' | 'labelNames' | 'labelValues' | 'describe'>;
  /** What labels, series and metadata are read from; left out: the store. */
  readonly index?: SeriesIndex;
  readonly logger: Logger;
  readonly targets: TargetSource;
  /** Reads the configuration again, and says what was different; rejects with its mistakes. */
  readonly reload: () => Promise<readonly DriftItem[]>;
}

/**
 * Prometheus' HTTP API, for Grafana, promtool and other clients that are not ours.
 * https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export function prometheusRoutes(dependencies: PrometheusDependencies): Route[] {
  const { logger, store } = dependencies;
  const routes = [
    ...queryRoutes(dependencies),
    ...exemplarRoutes(store),
    ...labelRoutes(dependencies.index ?? store),
    ...statusRoutes(dependencies),
    federateRoute(dependencies),
    ...targetRoutes(dependencies.targets),
    ...reloadRoutes(dependencies.reload),
  ];
  return withPrometheusErrors(routes, logger);
}

/** The part of it that is about rules and their alerts. */
export function prometheusRuleRoutes(alerting: Alerting, logger: Logger): Route[] {
  return withPrometheusErrors(ruleRoutes(alerting), logger);
}

function withPrometheusErrors(routes: readonly Route[], logger: Logger): Route[] {
  return routes.map((definition) => ({
    ...definition,
    onError: (error, request, reply) => sendPrometheusError(error, request, reply, logger),
  }));
}
