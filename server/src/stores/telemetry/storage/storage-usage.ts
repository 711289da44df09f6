import { statfs } from 'node:fs/promises';
import type { ClickHouse } from '../click-house.ts';
import { quoteString } from '../clickhouse/bind-parameters.ts';
import { SERVICE_OF_SERIES } from '../clickhouse/red-presence.ts';
import type { Cluster } from '../clickhouse/schema/cluster-ddl.ts';
import { type Signal, signalOf } from '../clickhouse/schema/retention.ts';
import { readTableSizes, type TableSize } from '../clickhouse/schema/stored-parts.ts';

/** What a signal has on disk. Times are Unix milliseconds. */
export interface SignalUsage {
  readonly signal: Signal;
  readonly rows: number;
  readonly bytes: number;
  readonly parts: number;
  /** Of its newest and oldest row; `undefined` where it has none. */
  readonly oldest: number | undefined;
  readonly newest: number | undefined;
  readonly tables: readonly TableSize[];
}

/** Rows of a service, and their share of the bytes. */
export interface ServiceUsage {
  readonly service: string;
  readonly rows: Readonly<Record<Signal, number>>;
  /** Estimated: a row counts as much as any other of its signal. */
  readonly bytes: number;
  readonly bytesBySignal: Readonly<Record<Signal, number>>;
}

/** Bytes of the disk that the data lie on. */
export interface DiskUsage {
  readonly totalBytes: number;
  readonly freeBytes: number;
}

/** The table whose rows are the signal's items, with the column of their time. */
const MAIN: Readonly<Record<Signal, { readonly table: string; readonly time: string }>> = {
  logs: { table: 'otel_logs', time: 'Timestamp' },
  traces: { table: 'otel_traces', time: 'Timestamp' },
  metrics: { table: 'metric_samples', time: 'timestamp' },
  rollups: { table: 'metric_rollups', time: 'bucket' },
};
const SIGNALS = Object.keys(MAIN) as Signal[];
const NONE: Readonly<Record<Signal, number>> = { logs: 0, traces: 0, metrics: 0, rollups: 0 };

export async function readSignalUsage(clickHouse: ClickHouse, cluster: Cluster | undefined): Promise<SignalUsage[]> {
  const sizes = await readTableSizes(clickHouse, cluster);
  return await Promise.all(
    SIGNALS.map(async (signal) => {
      const tables = sizes.filter(({ table }) => signalOf(table) === signal);
      const { table, time } = MAIN[signal];
      const items = tables.find((each) => each.table === table);
      const [bounds] = items
        ? await clickHouse.query<{ oldest: number; newest: number }>(
            `SELECT toUnixTimestamp64Milli(min(CAST(${time}, 'DateTime64(3)'))) AS oldest,
               toUnixTimestamp64Milli(max(CAST(${time}, 'DateTime64(3)'))) AS newest FROM ${table}`,
          )
        : [];
      return {
        signal,
        rows: items?.rows ?? 0,
        bytes: tables.reduce((sum, each) => sum + each.bytes, 0),
        parts: tables.reduce((sum, each) => sum + each.parts, 0),
        oldest: bounds?.oldest,
        newest: bounds?.newest,
        tables,
      };
    }),
  );
}

const ROWS: Readonly<Record<Signal, string>> = {
  logs: 'SELECT ServiceName AS service, count() AS rows FROM otel_logs GROUP BY service',
  traces: 'SELECT ServiceName AS service, count() AS rows FROM otel_traces GROUP BY service',
  metrics: rowsOfSeries('metric_samples'),
  rollups: rowsOfSeries('metric_rollups'),
};

function rowsOfSeries(table: string): string {
  return `SELECT service, sum(samples.rows) AS rows
    FROM (SELECT metric, series, count() AS rows FROM ${table} GROUP BY metric, series) AS samples
    INNER JOIN (SELECT metric, series, any(${SERVICE_OF_SERIES}) AS service FROM metric_series GROUP BY metric, series) AS known
    ON samples.metric = known.metric AND samples.series = known.series
    GROUP BY service`;
}

/** The services with the most bytes first. Exact in rows; reads one column of every row, so it takes a while. */
export async function readServiceUsage(
  clickHouse: ClickHouse,
  signals: readonly SignalUsage[],
  signal?: AbortSignal,
): Promise<ServiceUsage[]> {
  const services = new Map<string, { rows: Record<Signal, number>; bytes: Record<Signal, number> }>();
  for (const { signal: name, rows: allRows, bytes } of signals) {
    if (allRows === 0) continue;
    const options = signal ? { signal } : {};
    for (const { service, rows } of await clickHouse.query<{ service: string; rows: number }>(ROWS[name], options)) {
      const usage = services.get(service) ?? { rows: { ...NONE }, bytes: { ...NONE } };
      usage.rows[name] = rows;
      usage.bytes[name] = Math.round((bytes * rows) / allRows);
      services.set(service, usage);
    }
  }
  return [...services]
    .map(([service, { rows, bytes }]) => ({ service, rows, bytes: total(bytes), bytesBySignal: bytes }))
    .sort((a, b) => b.bytes - a.bytes || (a.service < b.service ? -1 : 1));
}

function total(bytes: Readonly<Record<Signal, number>>): number {
  return Object.values(bytes).reduce((sum, each) => sum + each, 0);
}

/** Of the disk that holds a folder. */
export async function diskOfFolder(path: string): Promise<DiskUsage> {
  const { bavail, bsize, blocks } = await statfs(path);
  return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
}

/** Of the disks of a server, or of a cluster's servers together. */
export async function disksOfServer(clickHouse: ClickHouse, cluster: Cluster | undefined): Promise<DiskUsage> {
  const disks =
    cluster === undefined ? 'system.disks' : `clusterAllReplicas(${quoteString(cluster.name)}, system.disks)`;
  const [row] = await clickHouse.query<{ total: number; free: number }>(
    `SELECT sum(total_space) AS total, sum(free_space) AS free FROM ${disks} WHERE type = 'Local'`,
  );
  return { totalBytes: row?.total ?? 0, freeBytes: row?.free ?? 0 };
}
