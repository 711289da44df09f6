import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ClickHouse } from '../click-house.ts';
import { quoteIdentifier, quoteString } from '../clickhouse/bind-parameters.ts';
import { readTableSizes } from '../clickhouse/schema/stored-parts.ts';
import { openEngine } from '../open-engine.ts';

/** What a backup or its restoring handled. */
export interface BackupSize {
  readonly files: number;
  /** Uncompressed by us: as on the engine's disk. */
  readonly bytes: number;
}

const POLL_MS = 200;

/**
 * Copies the engine's database, as it is at one moment for each table, into a folder that must not exist. Writes go on
 * meanwhile. The folder lies below the one that the engine was opened with for backups. Aborting ends it.
 */
export function backUpDatabase(clickHouse: ClickHouse, folder: string, signal?: AbortSignal): Promise<BackupSize> {
  return finish(clickHouse, (database) => `BACKUP DATABASE ${database} TO File(${quoteString(folder)}) ASYNC`, signal);
}

/** The other way round, into an empty database. Throws where a file is missing, or is not what was written. */
export async function restoreDatabase(clickHouse: ClickHouse, folder: string): Promise<BackupSize> {
  const restore = (database: string) => `RESTORE DATABASE ${database} FROM File(${quoteString(folder)}) ASYNC`;
  const size = await finish(clickHouse, restore);
  await verifyParts(clickHouse);
  return size;
}

/** The engine compares sizes alone while it restores: here every file's checksum is. */
async function verifyParts(clickHouse: ClickHouse): Promise<void> {
  for (const { table } of await readTableSizes(clickHouse, undefined)) {
    const parts = await clickHouse.query<{ part_path: string; is_passed: number | boolean; message: string }>(
      `CHECK TABLE ${quoteIdentifier(table)} SETTINGS check_query_single_value_result = 0`,
    );
    const broken = parts.find((part) => !part.is_passed);
    if (broken) throw new Error(`${table}, part ${broken.part_path}: ${firstLine(broken.message)}`);
  }
}

/**
 * Restores the telemetry of a backup into a data directory that has none, and returns the rows of each table. The folder
 * is the one that `backUpDatabase` was given, named `telemetry`, below `from`.
 */
export async function restoreTelemetry(dataDir: string, from: string): Promise<Record<string, number>> {
  const engine = await openEngine({ dataDir, backupDir: from, logger: silent });
  try {
    await restoreDatabase(engine, join(from, 'telemetry'));
    const sizes = await readTableSizes(engine, undefined);
    return Object.fromEntries(sizes.map(({ table, rows }) => [table, rows]));
  } finally {
    await engine.close();
  }
}

/** The embedded engine has nothing to say while it opens. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };

interface Operation {
  readonly status: string;
  readonly error: string;
  readonly files: number;
  readonly bytes: number;
}

/** The engine works in the background: no session is held, and no limit of time applies. */
async function finish(
  clickHouse: ClickHouse,
  statement: (database: string) => string,
  signal?: AbortSignal,
): Promise<BackupSize> {
  const [current] = await clickHouse.query<{ name: string }>('SELECT currentDatabase() AS name');
  const [started] = await clickHouse.query<{ id: string }>(statement(current!.name));
  for (;;) {
    const [operation] = await clickHouse.query<Operation>(
      'SELECT status, error, num_files AS files, total_size AS bytes FROM system.backups WHERE id = {id:String}',
      { parameters: { id: started!.id } },
    );
    if (operation === undefined) throw new Error('the engine has forgotten the backup');
    if (/FAILED|CANCELLED/.test(operation.status)) throw new Error(firstLine(operation.error));
    if (!/^(CREATING|RESTORING)/.test(operation.status)) return { files: operation.files, bytes: operation.bytes };
    await delay(POLL_MS);
    if (signal?.aborted) await clickHouse.command("KILL QUERY WHERE query_kind = 'Backup' ASYNC");
  }
}

/** Of what the engine says of a failure. */
function firstLine(text: string): string {
  return text.replace(/, Stack trace[\s\S]*$/, '').slice(0, 500);
}
