import type { ClickHouse } from '../../click-house.ts';
import { quoteString } from '../bind-parameters.ts';
import { type Cluster, queriedTable } from './cluster-ddl.ts';

/** What a table has on disk. */
export interface TableSize {
  readonly table: string;
  readonly rows: number;
  /** On disk, compressed. */
  readonly bytes: number;
  readonly parts: number;
}

/** `system.parts`; over a cluster that of one replica of each shard. */
export function partsTable(cluster: Cluster | undefined): string {
  return cluster === undefined ? 'system.parts' : `cluster(${quoteString(cluster.name)}, system.parts)`;
}

/** Our tables with their sizes, by name. */
export async function readTableSizes(clickHouse: ClickHouse, cluster: Cluster | undefined): Promise<TableSize[]> {
  const sizes = await clickHouse.query<TableSize>(
    `SELECT table, sum(rows) AS rows, sum(bytes_on_disk) AS bytes, count() AS parts
     FROM ${partsTable(cluster)} WHERE active AND database = currentDatabase() GROUP BY table ORDER BY table`,
  );
  return sizes.map((size) => ({ ...size, table: queriedTable(size.table) }));
}
