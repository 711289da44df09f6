import type { ClickHouse } from '../../click-house.ts';
import { quoteString } from '../bind-parameters.ts';
import { type Cluster, ddl, queriedTable, storedTable } from './cluster-ddl.ts';

/** What a table has on disk. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  /** On disk, compressed. */
  readonly bytes: number;
  readonly parts: number;
}

/** `system.parts`; over a cluster that of one replica of each shard. */
function partsTable(cluster: Cluster | undefined): string {
  return cluster === undefined ? 'system.parts' : `cluster(${quoteString(cluster.name)}, system.parts)`;
}

/** What a day has on disk, over all tables. */
export interface DaySize {
  /** `2026-01-31`, UTC. */
  readonly day: string;
  readonly bytes: number;
  readonly tables: readonly string[];
}

/** The days that tables are divided by, oldest first. */
export async function readDaySizes(clickHouse: ClickHouse, cluster: Cluster | undefined): Promise<DaySize[]> {
  const days = await clickHouse.query<DaySize>(
    `SELECT partition AS day, sum(bytes_on_disk) AS bytes, groupUniqArray(table) AS tables
     FROM ${partsTable(cluster)}
     WHERE active AND database = currentDatabase() AND match(partition, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$')
     GROUP BY day ORDER BY day`,
  );
  return days.map((day) => ({ ...day, tables: day.tables.map(queriedTable).sort() }));
}

/** A day of a table. */
export interface InsertedDay {
  readonly day: string;
  /** Another number when something was inserted into the day; merges do not change it. */
  readonly inserts: number;
  /** Those that will be replaced by others included. */
  readonly rows: number;
}

/** The days of a table, oldest first. */
export async function readInsertedDays(
  clickHouse: ClickHouse,
  cluster: Cluster | undefined,
  table: string,
): Promise<InsertedDay[]> {
  return await clickHouse.query<InsertedDay>(
    `SELECT day, sum(newest) AS inserts, sum(stored) AS rows
     FROM (
       SELECT partition AS day, hostName() AS host, max(max_block_number) AS newest, sum(parts.rows) AS stored FROM ${partsTable(cluster)} AS parts
       WHERE active AND database = currentDatabase() AND table = {table:String} GROUP BY day, host
     )
     GROUP BY day ORDER BY day`,
    { parameters: { table: storedTable(table, cluster) } },
  );
}

/** Deletes what a day holds, in every table. Safe to repeat. */
export async function dropDay(clickHouse: ClickHouse, cluster: Cluster | undefined, day: DaySize): Promise<void> {
  for (const table of day.tables) {
    const statement = `ALTER TABLE ${table} DROP PARTITION ${quoteString(day.day)}`;
    for (const part of ddl(statement, cluster)) await clickHouse.command(part);
  }
}

/** Our tables with their sizes, by name. */
export async function readTableSizes(clickHouse: ClickHouse, cluster: Cluster | undefined): Promise<TableSize[]> {
  const sizes = await clickHouse.query<TableSize>(
    `SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, count() AS parts
     FROM ${partsTable(cluster)} WHERE active AND database = currentDatabase() GROUP BY table ORDER BY table`,
  );
  return sizes.map((size) => ({ ...size, table: queriedTable(size.table) }));
}
