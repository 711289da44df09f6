import { type Dialect, Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Logger } from '../../model/logger.ts';
import type { Fsync } from './connection/log-sync.ts';
import { openPostgres } from './connection/postgres.ts';
import { copySqlite, openSqlite } from './connection/sqlite.ts';
import { watchedDialect } from './connection/watched-dialect.ts';
import type { ControlStore } from './control-store.ts';
import { migrate } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import { retryConflicts } from './retry-conflicts.ts';
import type { ControlDatabase } from './schema/index.ts';
import { TableWatch } from './table-watch.ts';

export interface ControlStoreOptions {
  /** `postgres://...` or `postgresql://...`; anything else is a path of a SQLite file, with or without `sqlite:`. */
  readonly url: string;
  readonly logger: Logger;
  /** When SQLite's commits reach the disk, see `Fsync`; left out: `always`. PostgreSQL decides by itself. */
  readonly fsync?: Fsync;
  /** Left out: all there are. */
  readonly migrations?: Readonly<Record<string, Migration>>;
}

/** Opens the database and brings its schema up to date, keeping a copy of an older SQLite file beside it. */
export async function openControlStore(options: ControlStoreOptions): Promise<ControlStore> {
  const { url, logger } = options;
  const kind = /^postgres(ql)?:\/\//.test(url) ? 'postgres' : 'sqlite';
  const path = url.replace(/^sqlite:(\/\/)?/, '');
  const sqlite = kind === 'sqlite' ? openSqlite(path, options.fsync) : undefined;
  const dialect: Dialect = sqlite ?? (await openPostgres(url, logger));
  const watch = new TableWatch();
  const watched = watchedDialect(dialect, (tables) => watch.tell(tables));
  const db = new Kysely<ControlDatabase>({ dialect: watched });
  try {
    await migrate(db as unknown as Kysely<never>, {
      migrations: options.migrations ?? MIGRATIONS,
      logger,
      backup: (firstPending) => {
        if (kind === 'sqlite') copySqlite(path, `${path}.before-${firstPending}`);
        else logger.info({ firstPending }, 'migrating an existing PostgreSQL database; its backup is yours to make');
      },
    });
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return {
    kind,
    db,
    transaction: (work, committed) =>
      retryConflicts(() =>
        db.transaction().execute(async (executor) => {
          const result = await work(executor);
          if (committed) sqlite?.afterCommit(committed);
          return result;
        }),
      ),
    watch: (tables, listener) => watch.add(tables, listener),
    rereadMs: kind === 'postgres' ? 5000 : 60_000,
    ping: async () => {
      await sql`select 1`.execute(db);
    },
    close: () => db.destroy(),
  };
}
