import type { TimeRange } from '../../../model/time-range.ts';
import type { ClickHouse, QueryOptions } from '../click-house.ts';
import type {
  Dependencies,
  OperationRed,
  PastPresence,
  RedOptions,
  RedPoint,
  RedStore,
  ServicePresence,
  ServiceRed,
  TopError,
} from '../red-store.ts';
import { andEnvironment, andService, minutes, parametersOf } from './red-conditions.ts';
import { readDependencies } from './red-dependencies.ts';
import { type ErrorRow, topErrorsSql } from './red-errors.ts';
import { sourceFor } from './red-figures.ts';
import { type PastPresenceRow, type PresenceRow, pastPresenceSqls, presenceSqls } from './red-presence.ts';

const APDEX_TARGET_MS = 500;

/** RED from the tables of spans and of their sums by the minute. */
export class ClickHouseRedStore implements RedStore {
  readonly #clickHouse: ClickHouse;

  constructor(clickHouse: ClickHouse) {
    this.#clickHouse = clickHouse;
  }

  services(range: TimeRange, options: RedOptions = {}): Promise<ServiceRed[]> {
    return this.#services(range, options, false);
  }

  /**
   * Reading the environment of every span costs more than all the rest. The sums by the minute know them too: where
   * each service is in one, as is usual, it need not be read.
   */
  async serviceEnvironments(range: TimeRange, options: RedOptions = {}): Promise<ServiceRed[]> {
    const pairs = await this.#query<{ service: string; environment: string }>(environmentsSql(options), range, options);
    const environments = new Map(pairs.map(({ service, environment }) => [service, environment]));
    if (environments.size < pairs.length) return await this.#services(range, options, true);
    const services = await this.#services(range, options, false);
    return services.map((entry) => ({ ...entry, environment: environments.get(entry.service) ?? '' }));
  }

  async #services(range: TimeRange, options: RedOptions, split: boolean): Promise<ServiceRed[]> {
    const source = sourceFor(range);
    const environment = split ? source.environment : "''";
    const sql = `
SELECT ServiceName AS service, ${environment} AS environment, ${source.columns}
${source.from(options)}
GROUP BY service, environment ORDER BY service, environment`;
    const found = await this.#query<{ service: string; environment: string }>(sql, range, options);
    return found.map((row) => ({
      service: row.service,
      environment: row.environment,
      ...source.decode(row, options.apdexTargetMs ?? APDEX_TARGET_MS),
    }));
  }

  async operations(service: string, range: TimeRange, options: RedOptions = {}): Promise<OperationRed[]> {
    const source = sourceFor(range);
    const sql = `
SELECT SpanName AS operation, ${source.columns}
${source.from({ ...options, service })}
GROUP BY operation ORDER BY requests DESC, operation LIMIT 100`;
    const found = await this.#query<{ operation: string }>(sql, range, { ...options, service });
    return found.map((row) => ({
      operation: row.operation,
      ...source.decode(row, options.apdexTargetMs ?? APDEX_TARGET_MS),
    }));
  }

  async series(service: string, range: TimeRange, stepMs: number, options: RedOptions = {}): Promise<RedPoint[]> {
    const source = sourceFor(range);
    const sql = `
SELECT intDiv(${source.time} - {start:Int64}, {step:UInt32}) * {step:UInt32} + {step:UInt32} + {start:Int64} AS at, ${source.columns}
${source.from({ ...options, service })}
GROUP BY at ORDER BY at`;
    const found = await this.#query<{ at: number }>(sql, range, { ...options, service }, { step: stepMs });
    return found.map((row) => ({
      timestamp: row.at,
      ...source.decode(row, options.apdexTargetMs ?? APDEX_TARGET_MS),
    }));
  }

  dependencies(service: string, range: TimeRange, options: RedOptions = {}): Promise<Dependencies> {
    return readDependencies(this.#clickHouse, service, range, options, queryOptionsOf(options));
  }

  async topErrors(service: string, range: TimeRange, options: RedOptions = {}): Promise<TopError[]> {
    const found = await this.#query<ErrorRow>(topErrorsSql(options), range, { ...options, service });
    return found.map((row) => ({
      operation: row.operation,
      type: row.type,
      message: row.message,
      count: row.count,
      lastSeen: row.last_seen,
      traceId: row.trace_id,
    }));
  }

  async presence(range: TimeRange, options: RedOptions = {}): Promise<ServicePresence[]> {
    const answers = await Promise.all(
      presenceSqls(options).map((sql) => this.#query<PresenceRow>(sql, range, options)),
    );
    return answers.flat().map((row) => ({
      service: row.service,
      environment: row.environment,
      signal: row.signal,
      lastSeen: row.last_seen,
    }));
  }

  async pastPresence(
    service: string,
    range: TimeRange,
    stepMs: number,
    options: RedOptions = {},
  ): Promise<PastPresence[]> {
    const asked = { ...options, service };
    const answers = await Promise.all(
      pastPresenceSqls(asked).map((sql) => this.#query<PastPresenceRow>(sql, range, asked, { step: stepMs })),
    );
    return answers.flat().map(({ signal, start_ms: from, end_ms: until }) => ({ signal, from, until }));
  }

  #query<Row>(sql: string, range: TimeRange, options: RedOptions, more: object = {}): Promise<Row[]> {
    const parameters = { ...parametersOf(range, options), ...more };
    return this.#clickHouse.query<Row>(sql, { ...queryOptionsOf(options), parameters });
  }
}

function environmentsSql(options: RedOptions): string {
  return `
SELECT DISTINCT ServiceName AS service, Environment AS environment
FROM span_metrics
WHERE ${minutes.inRange} AND ${minutes.isRequest}${andService('ServiceName', options)}${andEnvironment('Environment', options)}`;
}

function queryOptionsOf(options: RedOptions): QueryOptions {
  return {
    ...(options.pool && { pool: options.pool }),
    ...(options.signal && { signal: options.signal }),
  };
}
