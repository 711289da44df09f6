import type { Clock } from '../../model/clock.ts';
import type { TimeRange } from '../../model/time-range.ts';
import type { PromqlEngine } from '../../query/promql/index.ts';
import type {
  Dependencies,
  OperationRed,
  RedFigures,
  RedPoint,
  RedStore,
  ServicePresence,
  ServiceRed,
  TopError,
} from '../../stores/telemetry/index.ts';
import { type ResourceFigures, readResourceSeries, readResources } from './service-resources.ts';
import { APDEX_TARGET_MS, type ServiceStatus, statusOf } from './service-status.ts';
import { timeGrid } from './time-grid.ts';

export interface ServicePerformanceOptions {
  readonly red: RedStore;
  readonly promql: PromqlEngine;
  readonly clock: Clock;
}

/** How a service did in a window; `undefined` where it had no requests. */
export interface PerformanceSummary {
  readonly service: string;
  readonly status: ServiceStatus;
  /** 0 for a service that sends traces but had no requests; `undefined` for one that only other signals know. */
  readonly requestsPerSecond: number | undefined;
  readonly errorRatio: number | undefined;
  readonly latencyMs: RedFigures['latencyMs'] | undefined;
  readonly apdex: number | undefined;
  /** By any signal, Unix milliseconds. */
  readonly lastSeen: number | undefined;
}

interface OperationPerformance extends Omit<PerformanceSummary, 'service'> {
  readonly operation: string;
}

/** Unix seconds and value. */
type Point = readonly [number, number];

export interface PerformanceDetail extends PerformanceSummary {
  readonly operations: readonly OperationPerformance[];
  readonly dependencies: Dependencies;
  /** Length of the window, for rates of the dependencies. */
  readonly seconds: number;
  readonly series: {
    readonly requestsPerSecond: readonly Point[];
    readonly errorRatio: readonly Point[];
    readonly latencyP95Ms: readonly Point[];
    readonly cpuPercent: readonly Point[];
    readonly memoryBytes: readonly Point[];
  };
  readonly topErrors: readonly TopError[];
  readonly resources: ResourceFigures;
}

/** A service and how it is known. */
export interface KnownService extends PerformanceSummary {
  readonly environments: readonly string[];
  readonly knownBy: readonly ServicePresence['signal'][];
}

export interface PerformanceQuery {
  readonly environment?: string | undefined;
  readonly signal?: AbortSignal;
}

const DAY = 86_400_000;
/** A service of which nothing came for so long is no longer known. */
const MEMORY_MS = 30 * DAY;

/** Rate, errors, duration and state of services, for people to look at. */
export class ServicePerformance {
  readonly #options: ServicePerformanceOptions;

  constructor(options: ServicePerformanceOptions) {
    this.#options = options;
  }

  /** Every service seen in the window or in the day before its end, by name. */
  async list(range: TimeRange, query: PerformanceQuery = {}): Promise<KnownService[]> {
    const { red } = this.#options;
    const seenRange = { start: Math.min(range.start, range.end - DAY), end: range.end };
    const options = { ...redOptions(query), apdexTargetMs: APDEX_TARGET_MS };
    const [figures, presence] = await Promise.all([red.services(range, options), red.presence(seenRange, options)]);
    const byService = new Map(figures.map((entry) => [entry.service, entry]));
    const seen = Map.groupBy(presence, (entry) => entry.service);
    const names = [...new Set([...byService.keys(), ...seen.keys()])].sort();
    return names.map((name) => knownService(name, byService.get(name), seen.get(name) ?? [], range));
  }

  /** One service; `undefined` where nothing of it came in 30 days. */
  async detail(
    service: string,
    range: TimeRange,
    query: PerformanceQuery = {},
  ): Promise<PerformanceDetail | undefined> {
    const { red, promql, clock } = this.#options;
    const options = { ...redOptions(query), apdexTargetMs: APDEX_TARGET_MS };
    const memory = { start: Math.min(range.start, range.end - MEMORY_MS), end: Math.max(range.end, clock.now()) };
    const presence = await red.presence(memory, { ...options, service });
    if (presence.length === 0) return undefined;
    const grid = timeGrid(range);
    const at = Math.min(range.end, clock.now());
    const [figures, operations, dependencies, points, topErrors, resources, resourceSeries] = await Promise.all([
      red.services(range, { ...options, service }),
      red.operations(service, range, options),
      red.dependencies(service, range, options),
      red.series(service, grid.range, grid.stepMs, options),
      red.topErrors(service, range, options),
      readResources(promql, service, at, query),
      readResourceSeries(promql, service, grid, query),
    ]);
    const traced = presence.some((entry) => entry.signal === 'traces');
    return {
      ...knownService(service, figures[0], presence, range),
      operations: operations.map((operation) => operationPerformance(operation, range)),
      dependencies,
      seconds: secondsOf(range),
      series: { ...redSeries(traced ? points : [], traced, grid), ...resourceSeries },
      topErrors,
      resources,
    };
  }

  /** The names of all services seen lately, for hints at mistyped ones. */
  async names(): Promise<string[]> {
    const end = this.#options.clock.now();
    const presence = await this.#options.red.presence({ start: end - DAY, end });
    return [...new Set(presence.map((entry) => entry.service))];
  }
}

function redOptions({ environment, signal }: PerformanceQuery) {
  return { ...(environment !== undefined && { environment }), ...(signal && { signal }) };
}

function secondsOf(range: TimeRange): number {
  return (range.end - range.start) / 1000;
}

function knownService(
  service: string,
  figures: ServiceRed | undefined,
  presence: readonly ServicePresence[],
  range: TimeRange,
): KnownService {
  const knownBy = [...new Set(presence.map((entry) => entry.signal))].sort();
  const lastSeen = Math.max(...presence.map((entry) => entry.lastSeen), figures?.lastSeen ?? 0);
  return {
    service,
    ...summary(figures, range),
    ...(!figures && knownBy.includes('traces') && { requestsPerSecond: 0 }),
    lastSeen: lastSeen > 0 ? lastSeen : undefined,
    environments: [...new Set(presence.map((entry) => entry.environment))].filter((name) => name !== '').sort(),
    knownBy,
  };
}

function operationPerformance(operation: OperationRed, range: TimeRange): OperationPerformance {
  return { operation: operation.operation, ...summary(operation, range), lastSeen: operation.lastSeen };
}

function summary(figures: RedFigures | undefined, range: TimeRange): Omit<PerformanceSummary, 'service' | 'lastSeen'> {
  return {
    status: statusOf(figures),
    requestsPerSecond: figures && figures.requests / secondsOf(range),
    errorRatio: figures && figures.errors / figures.requests,
    latencyMs: figures?.latencyMs,
    apdex: figures?.apdex,
  };
}

/** A step without requests had none: the rate is 0 there, shares and durations have no point. */
function redSeries(points: readonly RedPoint[], traced: boolean, grid: { range: TimeRange; stepMs: number }) {
  const byTime = new Map(points.map((point) => [point.timestamp, point]));
  const requestsPerSecond: Point[] = [];
  for (let at = grid.range.start + grid.stepMs; traced && at <= grid.range.end; at += grid.stepMs) {
    requestsPerSecond.push([at / 1000, (byTime.get(at)?.requests ?? 0) / (grid.stepMs / 1000)]);
  }
  return {
    requestsPerSecond,
    errorRatio: points.map((point): Point => [point.timestamp / 1000, point.errors / point.requests]),
    latencyP95Ms: points.map((point): Point => [point.timestamp / 1000, point.latencyMs.p95]),
  };
}
