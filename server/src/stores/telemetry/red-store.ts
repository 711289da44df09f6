import type { TimeRange } from '../../model/time-range.ts';

/**
 * Rate, errors and duration of requests. A request is a span of the kind server or consumer, or the root of a trace
 * whatever its kind; it has failed where its status is Error.
 */
export interface RedFigures {
  readonly requests: number;
  readonly errors: number;
  readonly latencyMs: {
    readonly avg: number;
    readonly p50: number;
    readonly p90: number;
    readonly p95: number;
    readonly p99: number;
  };
  /**
   * (satisfied + tolerating / 2) / requests, where satisfied ones took at most the target, tolerating ones at most
   * four times that, and failed ones are neither. https://www.apdex.org/specs.html
   */
  readonly apdex: number;
  /** Start of the newest request, Unix milliseconds; of its minute in long windows. */
  readonly lastSeen: number;
}

export interface ServiceRed extends RedFigures {
  readonly service: string;
  /** Empty where unknown. */
  readonly environment: string;
}

export interface OperationRed extends RedFigures {
  /** Name of the span. */
  readonly operation: string;
}

export interface RedPoint extends RedFigures {
  /** End of the step, Unix milliseconds. */
  readonly timestamp: number;
}

export interface DependencyRed extends RedFigures {
  readonly name: string;
  readonly kind: 'service' | 'database' | 'queue' | 'external';
}

export interface Dependencies {
  /** Who calls the service, and the queues that it takes messages from; figures as the service sees them. */
  readonly upstream: readonly DependencyRed[];
  /** Whom it calls; figures as the called service sees them, of others as the caller does. See `CallStore`. */
  readonly downstream: readonly DependencyRed[];
}

export interface TopError {
  readonly operation: string;
  /** `exception.type`, else `error.type`; empty where the span has neither. */
  readonly type: string;
  /** `exception.message`, else the status message, else `HTTP 503` of an HTTP call. */
  readonly message: string;
  /** Failed spans. */
  readonly count: number;
  /** Unix milliseconds. */
  readonly lastSeen: number;
  /** The newest trace with it. */
  readonly traceId: string;
}

/** That a service was seen in a signal. */
export interface ServicePresence {
  readonly service: string;
  readonly environment: string;
  readonly signal: 'traces' | 'logs' | 'metrics' | 'container';
  /** Unix milliseconds. */
  readonly lastSeen: number;
}

/** Unix milliseconds. */
export interface PastPresence {
  readonly signal: ServicePresence['signal'];
  readonly from: number;
  readonly until: number;
}

export interface RedOptions {
  /** Only requests of this environment. */
  readonly environment?: string | undefined;
  /** Only this service. */
  readonly service?: string | undefined;
  /** Only this operation. */
  readonly operation?: string | undefined;
  /** Default 500 ms. */
  readonly apdexTargetMs?: number;
  readonly pool?: 'alerting' | 'interactive';
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads RED from stored spans. Windows of up to two hours are computed from the spans themselves (quantiles exact up to
 * 8192 requests, sampled beyond); longer ones from sums by the minute, the window widened to whole minutes and
 * quantiles within 2.2 %. Every call is bounded in time.
 */
export interface RedStore {
  /** Every service with requests in the range, by name. */
  services(range: TimeRange, options?: RedOptions): Promise<ServiceRed[]>;
  /** The same, one entry for each environment of a service. */
  serviceEnvironments(range: TimeRange, options?: RedOptions): Promise<ServiceRed[]>;
  /** Operations of a service, the busiest first, 100 at most. */
  operations(service: string, range: TimeRange, options?: RedOptions): Promise<OperationRed[]>;
  /** Steps (milliseconds) with requests, by time; they begin with the range, which shall be whole steps long. */
  series(service: string, range: TimeRange, stepMs: number, options?: RedOptions): Promise<RedPoint[]>;
  /** The busiest first, 100 at most in each direction; from a sample of the traces where there are very many. */
  dependencies(service: string, range: TimeRange, options?: RedOptions): Promise<Dependencies>;
  /** The ten most frequent kinds of failed spans. */
  topErrors(service: string, range: TimeRange, options?: RedOptions): Promise<TopError[]>;
  /**
   * All services seen in the range by any signal, one entry for each signal and environment. Logs tell the
   * environment only where it is asked for; metrics may be seen ten minutes earlier than they were.
   */
  presence(range: TimeRange, options?: RedOptions): Promise<ServicePresence[]>;
  /**
   * When a service was seen, by signal and time: steps with spans or log records (by the minute at the finest), and the
   * lives of its series, of 5000 at most. Metrics do not tell silences within the life of a series.
   */
  pastPresence(service: string, range: TimeRange, stepMs: number, options?: RedOptions): Promise<PastPresence[]>;
}
