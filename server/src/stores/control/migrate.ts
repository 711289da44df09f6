import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { ServiceError } from '../../model/errors.ts';
import type { Logger } from '../../model/logger.ts';

export interface MigrateOptions {
  readonly migrations: Readonly<Record<string, Migration>>;
  readonly logger: Logger;
  /** Called before anything changes, where older migrations have run and newer ones wait. */
  readonly backup: (firstPending: string) => void;
}

/**
 * Brings the schema up to date. Safe to run twice and by several processes at once (the migrator holds a lock); a
 * failing migration leaves nothing of itself behind. Rejects where the data were written by a newer version.
 */
export async function migrate(db: Kysely<never>, options: MigrateOptions): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => ({ ...options.migrations }) },
    // Numbers are given out before the work on them begins, so that a lower one may come later.
    allowUnorderedMigrations: true,
  });
  const executed = await executedMigrations(db);
  refuseNewer(executed, options.migrations);
  const pending = Object.keys(options.migrations).filter((name) => !executed.includes(name));
  if (pending.length === 0) return;
  if (executed.length > 0) options.backup(pending[0]!);
  const { error, results } = await migrator.migrateToLatest();
  if (error) {
    const failed = results?.find((result) => result.status === 'Error')?.migrationName;
    throw new ServiceError(
      'unavailable',
      `the control database could not be migrated (${failed ?? 'before any step'})`,
      {
        cause: error,
      },
    );
  }
  options.logger.info({ migrations: results?.map((result) => result.migrationName) }, 'migrated the control database');
}

/** Names of the migrations that have run here; none in an empty database. */
async function executedMigrations(db: Kysely<never>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const rows = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name')
    .execute();
  return rows.map((row) => row.name);
}

function refuseNewer(executed: readonly string[], known: Readonly<Record<string, Migration>>): void {
  const unknown = executed.filter((name) => !(name in known));
  if (unknown.length === 0) return;
  throw new ServiceError(
    'unavailable',
    `the control database was written by a newer version of this service (it has ${unknown.join(', ')}): start that version, or restore the copy made before its first start`,
  );
}
