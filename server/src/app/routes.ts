import type { SocketTickets } from '../access/index.ts';
import { forecastDisks } from '../analysis/capacity/index.ts';
import { ServicePerformance } from '../analysis/red/index.ts';
import { ServiceMap } from '../analysis/service-map/index.ts';
import {
  alertmanagerRoutes,
  alertPreviewRoutes,
  alertRoutes,
  alertRoutingRoutes,
  annotationRoutes,
  bulkAlertRoutes,
  correlationRuleRoutes,
  escalationRoutes,
  eventRoutes,
  healthRoutes,
  heartbeatRoutes,
  incidentActionRoutes,
  incidentRoutes,
  infrastructureRoutes,
  ingestRoutes,
  liveMetricRoutes,
  logRoutes,
  maintenanceRoutes,
  metricExplorerRoutes,
  metricRoutes,
  notificationRoutes,
  onCallRoutes,
  ownMetricsRoutes,
  performanceRoutes,
  prometheusRoutes,
  prometheusRuleRoutes,
  promqlLanguage,
  provisioningRoutes,
  queryRoutes,
  ruleFileRoutes,
  serviceMapRoutes,
  silenceRoutes,
  sqlLanguage,
  storageRoutes,
  topicRoutes,
  traceRoutes,
} from '../api/index.ts';
import { documentationRoutes, type Route } from '../http/index.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';
import type { MetricUsage } from '../query/promql/index.ts';
import type { SeriesIndex } from '../query/remote/index.ts';
import { jsonIngestRoutes } from '../receivers/json/index.ts';
import { type OtlpSignal, otlpRoutes } from '../receivers/otlp/index.ts';
import { pushRoutes } from '../receivers/push/index.ts';
import { remoteWriteRoutes } from '../receivers/remote-write/index.ts';
import { zipkinRoutes } from '../receivers/zipkin/index.ts';
import { ClickHouseCallStore, ClickHouseLogStore, ClickHouseTraceStore } from '../stores/telemetry/index.ts';
import { configDrift } from './config-drift.ts';
import type { ConfigReload } from './config-reload.ts';
import { healthChecks, type ServiceState } from './health-checks.ts';
import type { OwnMetrics } from './own-metrics.ts';
import type { Parts } from './part-metrics.ts';
import { describeWritePath } from './write-path.ts';

export interface RouteInputs extends Parts {
  readonly version: string;
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: OwnMetrics;
  readonly state: ServiceState;
  readonly otlp: readonly OtlpSignal[];
  readonly configReload: ConfigReload;
  readonly usage: MetricUsage;
  readonly tickets: SocketTickets;
  readonly index: SeriesIndex;
}

/** Every route of the service, with its documentation. */
export function serviceRoutes(inputs: RouteInputs): Route[] {
  const { clock, logger, telemetry, pipeline, promql, docker, host, alerting, notifications, version, state } = inputs;
  const { clickHouse } = telemetry;
  const logs = new ClickHouseLogStore(clickHouse);
  const containers = () => docker.snapshot();
  const routes = [
    ...healthRoutes({
      version,
      clock,
      checks: healthChecks(inputs, inputs.configReload, state),
      phase: () => state.phase,
    }),
    ...ownMetricsRoutes(() => inputs.metrics.collect()),
    ...liveMetricRoutes({ engine: promql, clock }),
    ...metricExplorerRoutes({ engine: promql, store: telemetry.metrics, usage: inputs.usage, clock }),
    ...metricRoutes({ engine: promql, store: telemetry.metrics, system: host, clock }),
    ...performanceRoutes({
      performance: new ServicePerformance({ red: inputs.red, promql, clock }),
      publicUrl: inputs.publicUrl,
      containers,
      clock,
    }),
    ...serviceMapRoutes({
      map: new ServiceMap({ calls: new ClickHouseCallStore(clickHouse), red: inputs.red }),
      clock,
    }),
    ...infrastructureRoutes({
      host: () => host.snapshot(),
      containers,
      forecasts: (signal) => forecastDisks(promql, clock.now(), signal),
    }),
    ...ingestRoutes({
      pipeline,
      seriesCount: () => telemetry.metrics.seriesCount,
      writePath: () => describeWritePath(telemetry.logged),
      clock,
    }),
    ...storageRoutes({
      storage: inputs.care.storage,
      retention: { of: (signal) => inputs.care.retention.of(signal), change: inputs.care.changeRetention },
      budget: () => inputs.care.budget?.state,
      backups: inputs.care.backups,
      clock,
    }),
    ...correlationRuleRoutes({ alerting, clock }),
    ...alertRoutes({ alerting, clock }),
    ...bulkAlertRoutes({ alerting, clock }),
    ...incidentRoutes({ alerting, clock, publicUrl: inputs.publicUrl }),
    ...incidentActionRoutes({ alerting, clock }),
    ...silenceRoutes({ alerting, clock }),
    ...maintenanceRoutes({ alerting, clock }),
    ...onCallRoutes({ alerting, clock }),
    ...escalationRoutes({ alerting, clock }),
    ...heartbeatRoutes({ alerting }),
    ...alertPreviewRoutes({ alerting, clock }),
    ...ruleFileRoutes({ alerting, clock }),
    ...alertRoutingRoutes({ alerting, clock }),
    ...alertmanagerRoutes({ alerting, clock, logger, version }),
    ...traceRoutes({ traces: new ClickHouseTraceStore(clickHouse), logs, clock }),
    ...logRoutes({ logs, clock }),
    ...eventRoutes({ notifications, clock }),
    ...topicRoutes({ notifications }),
    ...annotationRoutes({ notifications, clock }),
    ...notificationRoutes({ notifications, tickets: inputs.tickets, clock }),
    ...prometheusRuleRoutes(alerting, logger),
    ...provisioningRoutes({
      drift: () => configDrift(inputs.configReload, alerting),
      loadedAt: () => inputs.configReload.state.succeededAt,
      lastReload: () => inputs.configReload.last,
    }),
    ...prometheusRoutes({
      engine: promql,
      store: telemetry.metrics,
      index: inputs.index,
      clock,
      logger,
      version,
      isReady: () => state.phase === 'ok',
      targets: inputs.scrape,
      reload: () => inputs.configReload.reload(),
      reloadState: () => inputs.configReload.state,
    }),
    ...queryRoutes({ sql: sqlLanguage(clickHouse), promql: promqlLanguage({ engine: promql, clock }) }),
    ...jsonIngestRoutes({ intake: pipeline.intake('json'), clock }),
    ...otlpRoutes(inputs.otlp, logger),
    ...zipkinRoutes({ intake: pipeline.intake('zipkin') }),
    ...pushRoutes({ intake: pipeline.intake('push'), clock }),
    ...remoteWriteRoutes({ intake: pipeline.intake('remote-write'), logger }),
  ];
  return [...routes, ...documentationRoutes(routes, { title: 'System Service', version })];
}

/** What the OTLP port answers: OTLP alone. */
export function otlpOnlyRoutes(routes: readonly Route[]): Route[] {
  return routes.filter(({ path }) => path.startsWith('/v1/'));
}
