import type {
  KnownService,
  PerformanceDetail,
  PerformanceSummary,
  ServicePerformance,
} from '../../analysis/red/index.ts';
import type { ContainersSnapshot } from '../../collectors/docker/index.ts';
import { type Route, route } from '../../http/index.ts';
import { closeNames } from '../../lib/close-names.ts';
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, notFound } from '../../model/errors.ts';
import type { TimeRange } from '../../model/time-range.ts';
import {
  type PerformanceDetail as PerformanceDetailAnswer,
  type PerformanceList,
  performanceDetail,
  performanceList,
  performanceQuery,
  type ServiceList,
  type ServicePerformance as ServicePerformanceAnswer,
  serviceList,
  serviceParams,
  servicesQuery,
} from '../contract/performance.ts';
import { resolveWindow } from '../window.ts';

export interface PerformanceDependencies {
  readonly performance: ServicePerformance;
  /** Where senders reach this service. */
  readonly publicUrl: string;
  /** The containers of the engine here, if there is one. */
  readonly containers: () => Promise<ContainersSnapshot>;
  readonly clock: Clock;
}

export function performanceRoutes(dependencies: PerformanceDependencies): Route[] {
  return [listRoute(dependencies), detailRoute(dependencies), servicesRoute(dependencies)];
}

function listRoute({ performance, clock }: PerformanceDependencies): Route {
  return route({
    method: 'GET',
    path: '/api/monitoring/performance',
    tag: 'monitoring',
    summary: 'Rate, errors and duration of every service, with a judgement',
    scope: 'read',
    query: performanceQuery,
    success: { status: 200, schema: performanceList },
    handle: async ({ query, signal }): Promise<PerformanceList> => {
      const range = resolveWindow(query, clock.now());
      const services = await performance.list(range, { environment: query.environment, signal });
      return { ...describeWindow(range), items: services.map(describeService) };
    },
  });
}

function detailRoute(dependencies: PerformanceDependencies): Route {
  const { performance, containers, clock } = dependencies;
  return route({
    method: 'GET',
    path: '/api/monitoring/performance/service/{service_name}',
    tag: 'monitoring',
    summary: 'One service: operations, dependencies, series, errors, resources',
    scope: 'read',
    params: serviceParams,
    query: performanceQuery,
    success: { status: 200, schema: performanceDetail },
    handle: async ({ params, query, signal }): Promise<PerformanceDetailAnswer> => {
      const range = resolveWindow(query, clock.now());
      const name = params.service_name;
      const detail = await performance.detail(name, range, { environment: query.environment, signal });
      if (!detail) throw await unknownService(dependencies, name, query.environment);
      return describeDetail(detail, range, await containers());
    },
  });
}

function servicesRoute({ performance, clock }: PerformanceDependencies): Route {
  return route({
    method: 'GET',
    path: '/api/monitoring/services',
    tag: 'monitoring',
    summary: 'Every service that was seen, how it is known and how it does',
    scope: 'read',
    query: servicesQuery,
    success: { status: 200, schema: serviceList },
    handle: async ({ query, signal }): Promise<ServiceList> => {
      const range = resolveWindow(query, clock.now());
      const after = query.cursor === undefined ? '' : decodeServiceCursor(query.cursor);
      const services = await performance.list(range, { environment: query.environment, signal });
      const rest = services.filter(({ service }) => service > after);
      const page = rest.slice(0, query.limit);
      return {
        items: page.map(describeKnown),
        next_cursor: rest.length > page.length ? encodeCursor({ after: page.at(-1)!.service }) : null,
      };
    },
  });
}

function decodeServiceCursor(cursor: string): string {
  const after = (decodeCursor(cursor) as { after?: unknown } | undefined)?.after;
  if (typeof after === 'string') return after;
  throw invalid({ path: 'cursor', message: 'use `next_cursor` of the page before' });
}

async function unknownService(
  { performance, publicUrl }: PerformanceDependencies,
  name: string,
  environment: string | undefined,
) {
  const where = environment === undefined ? '' : ` in the environment "${environment}"`;
  const how =
    `point an OpenTelemetry SDK here (OTEL_EXPORTER_OTLP_ENDPOINT=${publicUrl}, OTEL_SERVICE_NAME=${name}), ` +
    'or name it as "service" in POST /api/logs or POST /api/monitoring/metrics';
  const known = (await performance.names()).filter((other) => other !== name);
  return notFound(`nothing has come of a service "${name}"${where}; ${how}`, closeNames(name, known));
}

function describeWindow(range: TimeRange) {
  return { start: formatInstant(range.start), end: formatInstant(range.end) };
}

function describeInstant(milliseconds: number | undefined): string | null {
  return milliseconds === undefined ? null : formatInstant(milliseconds);
}

function describeFigures(summary: Omit<PerformanceSummary, 'service'>) {
  return {
    status: summary.status,
    requests_per_second: summary.requestsPerSecond ?? null,
    error_ratio: summary.errorRatio ?? null,
    latency_ms: summary.latencyMs ?? null,
    apdex: summary.apdex ?? null,
  };
}

function describeService(summary: PerformanceSummary): ServicePerformanceAnswer {
  return {
    service: summary.service,
    ...describeFigures(summary),
    baseline: null,
    last_seen: describeInstant(summary.lastSeen),
  };
}

function describeKnown({ service, environments, status, knownBy, lastSeen }: KnownService) {
  return {
    service,
    environments: [...environments],
    status,
    known_by: [...knownBy],
    last_seen: describeInstant(lastSeen),
  };
}

function describeDetail(
  detail: PerformanceDetail,
  range: TimeRange,
  snapshot: ContainersSnapshot,
): PerformanceDetailAnswer {
  const { series } = detail;
  const points = (list: readonly (readonly [number, number])[]) =>
    list.map(([at, value]): [number, number] => [at, value]);
  return {
    ...describeWindow(range),
    ...describeService(detail),
    operations: detail.operations.map((operation) => ({
      operation: operation.operation,
      ...describeFigures(operation),
      last_seen: describeInstant(operation.lastSeen),
    })),
    dependencies: {
      upstream: detail.dependencies.upstream.map((peer) => describePeer(peer, detail.seconds)),
      downstream: detail.dependencies.downstream.map((peer) => describePeer(peer, detail.seconds)),
    },
    series: {
      requests_per_second: points(series.requestsPerSecond),
      error_ratio: points(series.errorRatio),
      latency_p95_ms: points(series.latencyP95Ms),
      cpu_percent: points(series.cpuPercent),
      memory_bytes: points(series.memoryBytes),
    },
    top_errors: detail.topErrors.map((error) => ({
      operation: error.operation,
      type: error.type || null,
      message: error.message,
      count: error.count,
      last_seen: formatInstant(error.lastSeen),
      trace_id: error.traceId,
    })),
    resources: describeResources(detail, snapshot),
  };
}

function describePeer(peer: PerformanceDetail['dependencies']['upstream'][number], seconds: number) {
  return {
    name: peer.name,
    kind: peer.kind,
    requests_per_second: peer.requests / seconds,
    error_ratio: peer.errors / peer.requests,
    latency_ms: peer.latencyMs,
  };
}

function describeResources({ service, resources }: PerformanceDetail, snapshot: ContainersSnapshot) {
  const { up } = resources;
  return {
    cpu_percent: resources.cpuPercent ?? null,
    memory_bytes: resources.memoryBytes ?? null,
    memory_percent: resources.memoryPercent ?? null,
    up: up === undefined ? null : up > 0,
    restarts: resources.restarts ?? null,
    containers: snapshot.items
      .filter((item) => item.service === service)
      .map(({ id, name, state, health }) => ({ id, name, state, health })),
  };
}
