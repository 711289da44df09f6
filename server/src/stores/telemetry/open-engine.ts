import { totalmem } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../../model/logger.ts';
import type { ClickHouseEngine } from './click-house.ts';
import { EmbeddedClickHouse } from './clickhouse/embedded-click-house.ts';
import type { Cluster } from './clickhouse/schema/cluster-ddl.ts';
import type { ServerAddress } from './clickhouse/server-client.ts';
import { UrlClickHouse } from './clickhouse/url-click-house.ts';

export interface EngineOptions {
  /** The embedded engine keeps its data in `telemetry/` below it. */
  readonly dataDir: string;
  /** A ClickHouse of the user's own in place of the embedded one. */
  readonly server?: ServerAddress;
  readonly logger: Logger;
  /** So long a server that does not answer is waited for, milliseconds. Default 30 s. */
  readonly waitMs?: number;
  /** Where the embedded engine may write backups. */
  readonly backupDir?: string;
  /** Most memory of the embedded engine, bytes. Default: 40 % of what there is, at most 1 GiB. */
  readonly memoryLimitBytes?: number;
}

const GIB = 1024 ** 3;

/** The embedded engine, or the one that `server` names. */
export async function openEngine({
  dataDir,
  server,
  logger,
  memoryLimitBytes,
  backupDir,
  waitMs,
}: EngineOptions): Promise<ClickHouseEngine> {
  if (server) return await UrlClickHouse.open({ address: server, logger, ...(waitMs !== undefined && { waitMs }) });
  return await EmbeddedClickHouse.open({
    path: join(dataDir, 'telemetry'),
    memoryLimitBytes: memoryLimitBytes ?? defaultMemoryLimit(),
    ...(backupDir !== undefined && { backupDir }),
  });
}

/** The cluster that the tables are spread over, if any. */
export function clusterOf(server: ServerAddress | undefined): Cluster | undefined {
  return server?.cluster === undefined ? undefined : { name: server.cluster, database: server.database };
}

/** 40 % of what the machine or the container has, at most 1 GiB. */
function defaultMemoryLimit(): number {
  // Huge or 0 where there is no limit.
  const container = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return Math.min(GIB, Math.floor(0.4 * Math.min(totalmem(), container)));
}
