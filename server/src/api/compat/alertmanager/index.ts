import type { Route } from '../../../http/index.ts';
import type { Logger } from '../../../model/logger.ts';
import { type AlertDependencies, alertRoutes } from './alert-routes.ts';
import { sendAlertmanagerError } from './errors.ts';
import { silenceRoutes } from './silence-routes.ts';
import { type StatusDependencies, statusRoutes } from './status-routes.ts';

export interface AlertmanagerDependencies extends AlertDependencies, StatusDependencies {
  readonly logger: Logger;
}

/**
 * Alertmanager's API, version 2, for what sends alerts to one and for its clients.
 * https://github.com/prometheus/alertmanager/blob/main/api/v2/openapi.yaml
 */
export function alertmanagerRoutes(dependencies: AlertmanagerDependencies): Route[] {
  const { logger } = dependencies;
  const routes = [...alertRoutes(dependencies), ...silenceRoutes(dependencies), ...statusRoutes(dependencies)];
  return routes.map((definition) => ({
    ...definition,
    onError: (error, request, reply) => sendAlertmanagerError(error, request, reply, logger),
  }));
}
