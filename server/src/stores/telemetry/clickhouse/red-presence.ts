import type { RedOptions, ServicePresence } from '../red-store.ts';
import { andEnvironment, andService, minutes, rows } from './red-conditions.ts';

export interface PresenceRow {
  readonly service: string;
  readonly environment: string;
  readonly signal: ServicePresence['signal'];
  readonly last_seen: number;
}

/** The service of a series, as `serviceOfLabels` of `model/service.ts` finds it. */
export const SERVICE_OF_SERIES = `multiIf(${[
  'service',
  'com.docker.compose.service',
  'container_label_com_docker_compose_service',
  'app.kubernetes.io/name',
  'app_kubernetes_io_name',
  'k8s.deployment.name',
]
  .map((label) => `labels['${label}'] != '', labels['${label}']`)
  .join(', ')}, labels['job'])`;

const ENVIRONMENT_OF_SERIES = `multiIf(
  labels['deployment.environment.name'] != '', labels['deployment.environment.name'],
  labels['deployment.environment'] != '', labels['deployment.environment'],
  labels['environment'])`;

/** What we derive ourselves says nothing new: it would keep a service alive that is long gone. */
const IS_DERIVED = `match(metric, '^service_(cpu_usage_percent|memory_usage_bytes|memory_usage_percent|requests_per_second|error_percent|latency_p(50|95|99)_ms|up|restarts_total)$')`;

/**
 * One statement for each signal, so that none waits for the others. The row of a series may lag ten minutes behind its
 * samples.
 */
export function presenceSqls(options: RedOptions): string[] {
  const logsEnvironment = options.environment === undefined ? "''" : rows.environment;
  return [
    `
SELECT ServiceName AS service, Environment AS environment, 'traces' AS signal,
  toUnixTimestamp(max(Timestamp)) * 1000 AS last_seen
FROM span_metrics
WHERE ${minutes.inRange}${andService('ServiceName', options)}${andEnvironment('Environment', options)}
GROUP BY service, environment`,
    `
SELECT ServiceName AS service, ${logsEnvironment} AS environment, 'logs' AS signal,
  toUnixTimestamp64Milli(max(Timestamp)) AS last_seen
FROM otel_logs
WHERE ${rows.inRange}${andService('ServiceName', options)}${andEnvironment(rows.environment, options)}
GROUP BY service, environment`,
    `
SELECT ${SERVICE_OF_SERIES} AS service, ${ENVIRONMENT_OF_SERIES} AS environment,
  if(startsWith(metric, 'container_'), 'container', 'metrics') AS signal,
  toUnixTimestamp64Milli(max(metric_series.last_seen)) AS last_seen
FROM metric_series
WHERE metric_series.last_seen >= fromUnixTimestamp64Milli({start:Int64} - 600000)
  AND metric_series.first_seen < fromUnixTimestamp64Milli({end:Int64})
  AND service != '' AND NOT ${IS_DERIVED}${andService('service', options)}${andEnvironment('environment', options)}
GROUP BY service, environment, signal`,
  ];
}

/** A row of `pastPresenceSqls`. */
export interface PastPresenceRow {
  readonly signal: ServicePresence['signal'];
  readonly start_ms: number;
  readonly end_ms: number;
}

/** When a service was seen: the steps with its spans and its log records, and the lives of its series. */
export function pastPresenceSqls(options: RedOptions): string[] {
  const stepped = (signal: string, at: string, from: string) => `
SELECT '${signal}' AS signal, intDiv(${at}, {step:UInt32}) * {step:UInt32} AS start_ms, max(${at}) AS end_ms
FROM ${from} GROUP BY start_ms ORDER BY start_ms`;
  const inSpans = `${minutes.inRange}${andService('ServiceName', options)}${andEnvironment('Environment', options)}`;
  const inLogs = `${rows.inRange}${andService('ServiceName', options)}${andEnvironment(rows.environment, options)}`;
  return [
    stepped('traces', 'toUnixTimestamp(Timestamp) * 1000', `span_metrics WHERE ${inSpans}`),
    stepped('logs', 'toUnixTimestamp64Milli(Timestamp)', `otel_logs WHERE ${inLogs}`),
    `
SELECT ${SERVICE_OF_SERIES} AS service, ${ENVIRONMENT_OF_SERIES} AS environment,
  if(startsWith(metric, 'container_'), 'container', 'metrics') AS signal,
  toUnixTimestamp64Milli(metric_series.first_seen) AS start_ms, toUnixTimestamp64Milli(metric_series.last_seen) AS end_ms
FROM metric_series
WHERE metric_series.last_seen >= fromUnixTimestamp64Milli({start:Int64})
  AND metric_series.first_seen < fromUnixTimestamp64Milli({end:Int64})
  AND service != '' AND NOT ${IS_DERIVED}${andService('service', options)}${andEnvironment('environment', options)}
ORDER BY start_ms LIMIT 5000`,
  ];
}
