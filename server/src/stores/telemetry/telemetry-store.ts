import { join } from 'node:path';
import type { Clock } from '../../model/clock.ts';
import type { Flow } from '../../model/flow.ts';
import type { LogRecord, LogSink } from '../../model/log-record.ts';
import type { Logger } from '../../model/logger.ts';
import type { Span, SpanSink } from '../../model/span.ts';
import type { ClickHouse, ClickHouseEngine } from './click-house.ts';
import type { BlockSinks } from './clickhouse/block-sink.ts';
import { BlockWriter, type BlockWriterStats } from './clickhouse/block-writer.ts';
import { DirectSink } from './clickhouse/direct-sink.ts';
import { LogBlock } from './clickhouse/log-writer.ts';
import { LoggedTables, type LoggedTablesStats } from './clickhouse/logged-tables.ts';
import { ClickHouseMetricStore } from './clickhouse/metric-store.ts';
import type { Cluster } from './clickhouse/schema/cluster-ddl.ts';
import { migrate } from './clickhouse/schema/migrations.ts';
import { applyRetention, type Retention } from './clickhouse/schema/retention.ts';
import { readTableSizes, type TableSize } from './clickhouse/schema/stored-parts.ts';
import type { ServerAddress } from './clickhouse/server-client.ts';
import { SpanBlock } from './clickhouse/span-writer.ts';
import type { FsyncMode } from './log/write-ahead-log.ts';
import type { MetricStore } from './metric-store.ts';
import { clusterOf, openEngine } from './open-engine.ts';

export interface TelemetryStoreOptions {
  /** The data directory, locked by `openDataDirectory`; telemetry lies in `telemetry/` below it. */
  readonly dataDir: string;
  readonly retention: Retention;
  readonly clock: Clock;
  readonly logger: Logger;
  /** When a write counts: in the write-ahead log, or (the default) in its table. */
  readonly acknowledge?: { readonly by: 'log'; readonly fsync: FsyncMode } | { readonly by: 'store' };
  /** A ClickHouse of the user's own in place of the embedded one. */
  readonly server?: ServerAddress;
  /** Where the embedded engine may write backups. */
  readonly backupDir?: string;
  /** Most memory of the embedded engine, bytes. Default: 40 % of what there is, at most 1 GiB. */
  readonly memoryLimitBytes?: number;
}

interface TelemetryStats {
  readonly tables: readonly TableSize[];
  /** By table: what is accepted and not yet stored, and what was stored since the start. */
  readonly writers: Readonly<Record<string, BlockWriterStats>>;
  /** By pool of sessions: queries that run and that wait. */
  readonly sessions: Readonly<Record<string, { readonly running: number; readonly waiting: number }>>;
  readonly activeSeries: number;
}

/** Spans, logs and metrics in ClickHouse, with all that writes to it. */
export interface TelemetryStore extends SpanSink, LogSink {
  readonly clickHouse: ClickHouse;
  /** The servers that hold the tables together, if there are several. */
  readonly cluster: Cluster | undefined;
  readonly metrics: MetricStore;
  /** The write-ahead log, where writes count when they are in it. */
  readonly logged: LoggedTablesStats | undefined;
  /** Rejects where the engine does not answer. */
  ping(): Promise<void>;
  stats(): Promise<TelemetryStats>;
  /** Resolves with true when all that was accepted before the call is in the tables, for whoever reads those alone. */
  flush(): Promise<boolean>;
  /** From now on the tables expire by these. */
  setRetention(retention: Retention): Promise<void>;
  /** Stores what was accepted, ends what runs, closes the engine. */
  close(): Promise<void>;
}

/** Opens the engine, brings its schema up to date and loads the series that it knows. */
export async function openTelemetryStore(options: TelemetryStoreOptions): Promise<TelemetryStore> {
  const engine = await openEngine(options);
  const cluster = clusterOf(options.server);
  try {
    await migrate(engine, options.logger, cluster);
    await applyRetention(engine, options.retention, cluster);
    const logged =
      options.acknowledge?.by === 'log' ? await openLog(options, engine, options.acknowledge.fsync) : undefined;
    const sinks: BlockSinks = (table) => logged?.sink(table) ?? new DirectSink(engine, table, options.logger);
    const metrics = await ClickHouseMetricStore.open({
      ...options,
      clickHouse: engine,
      cluster,
      sinks,
      head: knowsAll(options, logged) ? {} : undefined,
      settled: logged && (() => logged.flush()),
    });
    return new ClickHouseTelemetryStore({ engine, cluster, metrics, sinks, logged, logger: options.logger });
  } catch (error) {
    await engine.close();
    throw error;
  }
}

/**
 * Memory answers for the newest samples where nobody else writes, and nothing of an earlier process is still on its way
 * into the tables.
 */
function knowsAll({ server, acknowledge }: TelemetryStoreOptions, logged: LoggedTables | undefined): boolean {
  if (server && acknowledge?.by !== 'log') return false;
  return Object.keys(logged?.stats.failures ?? {}).length === 0;
}

function openLog(
  { dataDir, clock, logger }: TelemetryStoreOptions,
  clickHouse: ClickHouse,
  fsync: FsyncMode,
): Promise<LoggedTables> {
  return LoggedTables.open({ path: join(dataDir, 'telemetry'), fsync, clickHouse, clock, logger });
}

interface StoreParts {
  readonly engine: ClickHouseEngine;
  readonly cluster: Cluster | undefined;
  readonly metrics: ClickHouseMetricStore;
  readonly sinks: BlockSinks;
  readonly logged: LoggedTables | undefined;
  readonly logger: Logger;
}

/** What one takes in memory at least, about. */
const SPAN_BYTES = 800;
const LOG_RECORD_BYTES = 500;

class ClickHouseTelemetryStore implements TelemetryStore {
  readonly clickHouse: ClickHouse;
  readonly cluster: Cluster | undefined;
  readonly metrics: ClickHouseMetricStore;
  readonly #engine: ClickHouseEngine;
  readonly #spans: BlockWriter<Flow<Span>>;
  readonly #logs: BlockWriter<Flow<LogRecord>>;
  readonly #logged: LoggedTables | undefined;

  constructor({ engine, cluster, metrics, sinks, logged, logger }: StoreParts) {
    this.#engine = engine;
    this.cluster = cluster;
    this.#logged = logged;
    this.clickHouse = engine;
    this.metrics = metrics;
    this.#spans = new BlockWriter({
      table: 'otel_traces',
      sink: sinks('otel_traces'),
      logger,
      newBlock: () => new SpanBlock(),
      rowsOf: (spans) => spans.length,
      bytesOf: (spans) => spans.length * SPAN_BYTES,
    });
    this.#logs = new BlockWriter({
      table: 'otel_logs',
      sink: sinks('otel_logs'),
      logger,
      newBlock: () => new LogBlock(),
      rowsOf: (records) => records.length,
      bytesOf: (records) => records.length * LOG_RECORD_BYTES,
    });
  }

  writeSpans(spans: Flow<Span>): Promise<void> {
    return this.#spans.write(spans);
  }

  writeLogs(records: Flow<LogRecord>): Promise<void> {
    return this.#logs.write(records);
  }

  get logged(): LoggedTablesStats | undefined {
    return this.#logged?.stats;
  }

  ping(): Promise<void> {
    return this.#engine.ping();
  }

  async stats(): Promise<TelemetryStats> {
    const tables = await readTableSizes(this.#engine, this.cluster);
    return {
      tables,
      writers: { otel_traces: this.#spans.stats, otel_logs: this.#logs.stats, ...this.metrics.writerStats },
      sessions: this.#engine.pools,
      activeSeries: this.metrics.seriesCount,
    };
  }

  async flush(): Promise<boolean> {
    return (await this.#logged?.flush()) ?? true;
  }

  async setRetention(retention: Retention): Promise<void> {
    await applyRetention(this.#engine, retention, this.cluster);
    this.metrics.setRetention(retention.metricsMs);
  }

  async close(): Promise<void> {
    await Promise.all([this.#spans.close(), this.#logs.close(), this.metrics.close()]);
    await this.#logged?.close();
    await this.#engine.close();
  }
}
