import type { Logger } from '../../../../model/logger.ts';
import type { ClickHouse } from '../../click-house.ts';
import { type Cluster, ddl } from './cluster-ddl.ts';
import { VERSION_1 } from './tables.ts';
import { VERSION_2 } from './version-2.ts';
import { VERSION_3 } from './version-3.ts';
import { VERSION_4 } from './version-4.ts';
import { VERSION_5 } from './version-5.ts';
import { VERSION_6 } from './version-6.ts';

/**
 * Forward only. A statement must be safe to run again (`IF NOT EXISTS`): a crash in the middle of a migration repeats
 * all of it. A released migration is never changed; a new one is added at the end. Over a cluster a statement becomes
 * what `ddl` makes of it.
 */
export const MIGRATIONS: readonly { readonly version: number; readonly statements: readonly string[] }[] = [
  { version: 1, statements: VERSION_1 },
  { version: 2, statements: VERSION_2 },
  { version: 3, statements: VERSION_3 },
  { version: 4, statements: VERSION_4 },
  { version: 5, statements: VERSION_5 },
  { version: 6, statements: VERSION_6 },
];

/** That this release brings a schema to. */
export const LATEST_VERSION = MIGRATIONS.at(-1)!.version;

export const JOURNAL = `
CREATE TABLE IF NOT EXISTS schema_migrations (
  version UInt32,
  applied_at DateTime('UTC') DEFAULT now('UTC')
) ENGINE = MergeTree
ORDER BY version`.trim();

/** Brings the schema up to date. Throws where a newer release has changed it. */
export async function migrate(clickHouse: ClickHouse, logger: Logger, cluster?: Cluster): Promise<void> {
  const change = async (statement: string) => {
    for (const part of ddl(statement, cluster)) await clickHouse.command(part);
  };
  await change(JOURNAL);
  const [row] = await clickHouse.query<{ version: number }>('SELECT max(version) AS version FROM schema_migrations');
  const current = row?.version ?? 0;
  if (current > LATEST_VERSION) {
    throw new Error(
      `the telemetry schema has version ${current}, this release knows ${LATEST_VERSION}: install the newer release again`,
    );
  }
  for (const migration of MIGRATIONS) {
    if (migration.version <= current) continue;
    for (const statement of migration.statements) await change(statement);
    await clickHouse.command('INSERT INTO schema_migrations (version) VALUES ({version:UInt32})', {
      parameters: { version: migration.version },
    });
    logger.info({ version: migration.version }, 'telemetry schema migrated');
  }
}
