import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from '../../server/src/model/logger.ts';
import { type ControlStore, openControlStore } from '../../server/src/stores/control/index.ts';
import { findPostgres, postgresServer } from './postgres-server.ts';

export interface ControlBackend {
  readonly name: 'sqlite' | 'postgres';
  /** A database of its own, for one test or one suite; its tables are there and empty. */
  create(): Promise<TestDatabase>;
  /** The same without tables, as a first start finds it. */
  createEmpty(): Promise<TestDatabase>;
}

export interface TestDatabase {
  /** What `openControlStore` takes. */
  readonly url: string;
  /** Opens a store on it, migrated. Again after `close`: a restart. */
  open(): Promise<ControlStore>;
  /** Closes every store that is still open and removes the database. */
  drop(): Promise<void>;
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/**
 * The control databases to test on, for `describe.each`: SQLite always, PostgreSQL where its server is installed. With
 * `CI=true` a missing server is a failure.
 */
export function controlBackends(): ControlBackend[] {
  const programs = findPostgres();
  if (programs === undefined) {
    const message = 'PostgreSQL is not installed (no initdb): its half of the control store tests';
    if (process.env.CI === 'true') throw new Error(`${message} cannot run`);
    process.stderr.write(`SKIPPED: ${message}\n`);
    return [sqlite];
  }
  return [sqlite, postgres(programs)];
}

export const sqlite: ControlBackend = {
  name: 'sqlite',
  async create() {
    const database = await sqlite.createEmpty();
    copyFileSync(await sqliteTemplate(), database.url);
    return database;
  },
  async createEmpty() {
    const folder = mkdtempSync(join(tmpdir(), 'control-'));
    return testDatabase(join(folder, 'control.db'), async () => rmSync(folder, { recursive: true, force: true }));
  },
};

let migrated: Promise<string> | undefined;

/** A file with all tables, made once by each test process: migrating takes longer than most tests. */
function sqliteTemplate(): Promise<string> {
  migrated ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'control-'));
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
    const file = join(folder, 'template.db');
    await (await openControlStore({ url: file, logger: silent, fsync: '1s' })).close();
    return file;
  })();
  return migrated;
}

const TEMPLATE = 'control_template';
/** Any number, the same in all test processes. */
const TEMPLATE_LOCK = 8013;

function postgres(programs: string): ControlBackend {
  const urlOf = (name: string) => {
    const { socketFolder, user } = postgresServer(programs);
    return `postgres://${user}@/${name}?host=${encodeURIComponent(socketFolder)}`;
  };
  let administrator: Promise<pg.Client> | undefined;
  const administer = async (...statements: readonly string[]) => {
    administrator ??= connect(urlOf('postgres'));
    for (const statement of statements) await (await administrator).query(statement);
  };
  let template: Promise<void> | undefined;
  const makeTemplate = async () => {
    const client = await connect(urlOf('postgres'));
    try {
      await client.query(`SELECT pg_advisory_lock(${TEMPLATE_LOCK})`);
      const { rows } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [TEMPLATE]);
      if (rows.length > 0) return;
      await client.query('CREATE DATABASE control_new');
      await (await openControlStore({ url: urlOf('control_new'), logger: silent })).close();
      await client.query(`ALTER DATABASE control_new RENAME TO ${TEMPLATE}`);
    } finally {
      await client.end();
    }
  };
  const make = async (from: string) => {
    const name = `test_${process.pid}_${Math.random().toString(36).slice(2)}`;
    await administer(`CREATE DATABASE ${name} TEMPLATE ${from}`);
    return name;
  };
  // What tests have left, empty again: to make and to remove a database takes longer than most tests.
  const spare: { readonly name: string; readonly cleaner: pg.Client }[] = [];
  const makeFilled = async () => {
    template ??= makeTemplate();
    await template;
    const name = await make(TEMPLATE);
    return { name, cleaner: await connect(urlOf(name)) };
  };
  return {
    name: 'postgres',
    async create() {
      const database = spare.pop() ?? (await makeFilled());
      return testDatabase(urlOf(database.name), async () => {
        await database.cleaner.query(EMPTY_AGAIN);
        spare.push(database);
      });
    },
    async createEmpty() {
      const name = await make('template0');
      return testDatabase(urlOf(name), () => administer(`DROP DATABASE ${name} WITH (FORCE)`));
    },
  };
}

/** Takes all rows out of a database, the others' connections with them; migrations write none, and no table counts by a sequence. */
const EMPTY_AGAIN = `DO $$ DECLARE one text; BEGIN
  PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  PERFORM set_config('session_replication_role', 'replica', true);
  FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'kysely%' LOOP
    EXECUTE format('DELETE FROM %I', one);
  END LOOP;
END $$`;

/** Does not keep its process alive. */
async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  (client as unknown as { connection: { stream: { unref?(): void } } }).connection.stream.unref?.();
  return client;
}

/** A database that somebody else has made, and will remove. */
export function existingDatabase(url: string): TestDatabase {
  return testDatabase(url, async () => undefined);
}

function testDatabase(url: string, remove: () => Promise<void>): TestDatabase {
  const opened = new Set<ControlStore>();
  return {
    url,
    async open() {
      // What tests wait for is not the disk.
      const store = await openControlStore({ url, logger: silent, fsync: '1s' });
      opened.add(store);
      return {
        ...store,
        close: async () => {
          if (opened.delete(store)) await store.close();
        },
      };
    },
    async drop() {
      for (const store of opened) await store.close();
      opened.clear();
      await remove();
    },
  };
}
