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

/** The column whose age decides, and the signal whose retention counts. Derived RED figures live as long as metrics. */
const EXPIRIES: readonly { readonly table: string; readonly column: string; readonly signal: keyof Retention }[] = [
  { table: 'otel_logs', column: 'Timestamp', signal: 'logsMs' },
  { table: 'otel_traces', column: 'Timestamp', signal: 'tracesMs' },
  { table: 'otel_traces_trace_id_ts', column: 'Start', signal: 'tracesMs' },
  { table: 'span_metrics', column: 'Timestamp', signal: 'metricsMs' },
  { table: 'metric_series', column: 'last_seen', signal: 'rollupsMs' },
  { table: 'metric_samples', column: 'timestamp', signal: 'metricsMs' },
  { table: 'metric_rollups', column: 'bucket', signal: 'rollupsMs' },
  { table: 'metric_histograms', column: 'timestamp', signal: 'metricsMs' },
  { table: 'metric_start_timestamps', column: 'timestamp', signal: 'metricsMs' },
  { table: 'metric_exemplars', column: 'timestamp', signal: 'metricsMs' },
];

/** Makes the tables expire their rows by these retentions; tables that already do are left alone. */
export async function applyRetention(clickHouse: ClickHouse, retention: Retention, cluster?: Cluster): Promise<void> {
  const tables = await clickHouse.query<{ name: string; engine: string }>(
    'SELECT name, engine_full AS engine FROM system.tables WHERE database = currentDatabase()',
  );
  const engines = new Map(tables.map((table) => [table.name, table.engine]));
  for (const { table, column, signal } of EXPIRIES) {
    const expiry = `toDateTime(${column}) + toIntervalSecond(${Math.ceil(keptMs(retention, signal) / 1000)})`;
    if (engines.get(storedTable(table, cluster))?.includes(`TTL ${expiry} `)) continue;
    // Not waited for: the engine works out for every part when it expires, which takes its time.
    const statement = `ALTER TABLE ${table} MODIFY TTL ${expiry} SETTINGS alter_sync = 0`;
    for (const part of ddl(statement, cluster)) await clickHouse.command(part);
  }
}

function keptMs(retention: Retention, signal: keyof Retention): number {
  return signal === 'rollupsMs' ? rollupsKeptMs(retention) : retention[signal];
}

/** How long rollups are kept, milliseconds. */
function rollupsKeptMs({ rollupsMs = 0, metricsMs }: Retention): number {
  return Math.max(rollupsMs, metricsMs);
}

/** How long the rows of a table are kept, milliseconds; `undefined` for tables of our own. */
export function retentionOf(table: string, retention: Retention): number | undefined {
  const expiry = EXPIRIES.find((each) => each.table === table);
  return expiry && keptMs(retention, expiry.signal);
}

/** The signal that a table belongs to; `undefined` for tables of our own. */
export function signalOf(table: string): Signal | undefined {
  const expiry = EXPIRIES.find((each) => each.table === table);
  // Derived from spans, and kept as long as metrics.
  return expiry && SIGNALS[expiry.signal];
}

export type Signal = 'logs' | 'traces' | 'metrics';

const SIGNALS: Readonly<Record<keyof Retention, Signal>> = {
  logsMs: 'logs',
  tracesMs: 'traces',
  metricsMs: 'metrics',
  rollupsMs: 'metrics',
};
