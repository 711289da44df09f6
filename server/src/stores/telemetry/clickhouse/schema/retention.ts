import type { ClickHouse } from '../../click-house.ts';
import { type Cluster, ddl, storedTable } from './cluster-ddl.ts';

/** How long each signal is kept, milliseconds. */
export interface Retention {
  readonly metricsMs: number;
  readonly logsMs: number;
  readonly tracesMs: number;
  /** Of metrics as rollups; they and the series they belong to never go before the samples. Left out: as long as those. */
  readonly rollupsMs?: number;
}

/** What is kept for a time of its own. */
export type Signal = 'logs' | 'traces' | 'metrics' | 'rollups';

interface Expiry {
  readonly table: string;
  /** Whose age decides. */
  readonly column: string;
  readonly signal: Signal;
  /** Whose time counts, where that is another. */
  readonly keptAs?: Signal;
}

/** Derived RED figures live as long as metrics, series as long as anything of them. */
const EXPIRIES: readonly Expiry[] = [
  { table: 'otel_logs', column: 'Timestamp', signal: 'logs' },
  { table: 'otel_traces', column: 'Timestamp', signal: 'traces' },
  { table: 'otel_traces_trace_id_ts', column: 'Start', signal: 'traces' },
  { table: 'span_metrics', column: 'Timestamp', signal: 'metrics' },
  { table: 'metric_series', column: 'last_seen', signal: 'metrics', keptAs: 'rollups' },
  { table: 'metric_samples', column: 'timestamp', signal: 'metrics' },
  { table: 'metric_rollups', column: 'bucket', signal: 'rollups' },
  { table: 'metric_histogram_rollups', column: 'bucket', signal: 'rollups' },
  { table: 'metric_histograms', column: 'timestamp', signal: 'metrics' },
  { table: 'metric_start_timestamps', column: 'timestamp', signal: 'metrics' },
  { table: 'metric_exemplars', column: 'timestamp', signal: 'metrics' },
];

/** Makes the tables expire their rows by these retentions; tables that already do are left alone. */
export async function applyRetention(clickHouse: ClickHouse, retention: Retention, cluster?: Cluster): Promise<void> {
  const tables = await clickHouse.query<{ name: string; engine: string }>(
    'SELECT name, engine_full AS engine FROM system.tables WHERE database = currentDatabase()',
  );
  const engines = new Map(tables.map((table) => [table.name, table.engine]));
  for (const { table, column, signal, keptAs = signal } of EXPIRIES) {
    const expiry = `toDateTime(${column}) + toIntervalSecond(${Math.ceil(keptMs(retention, keptAs) / 1000)})`;
    if (engines.get(storedTable(table, cluster))?.includes(`TTL ${expiry} `)) continue;
    // Not waited for: the engine works out for every part when it expires, which takes its time.
    const statement = `ALTER TABLE ${table} MODIFY TTL ${expiry} SETTINGS alter_sync = 0`;
    for (const part of ddl(statement, cluster)) await clickHouse.command(part);
  }
}

/** How long a signal is kept, milliseconds. Rollups never go before the samples. */
export function keptMs({ logsMs, tracesMs, metricsMs, rollupsMs = 0 }: Retention, signal: Signal): number {
  const kept = { logs: logsMs, traces: tracesMs, metrics: metricsMs, rollups: Math.max(rollupsMs, metricsMs) };
  return kept[signal];
}

/** How long the rows of a table are kept, milliseconds; `undefined` for tables of our own. */
export function retentionOf(table: string, retention: Retention): number | undefined {
  const expiry = EXPIRIES.find((each) => each.table === table);
  return expiry && keptMs(retention, expiry.keptAs ?? expiry.signal);
}

/** The signal that a table belongs to; `undefined` for tables of our own. */
export function signalOf(table: string): Signal | undefined {
  return EXPIRIES.find((each) => each.table === table)?.signal;
}
