import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '../../server/src/model/logger.ts';
import { type ControlStore, openControlStore } from '../../server/src/stores/control/index.ts';
import { findPostgres, postgresServer } from './postgres-server.ts';

export interface ControlBackend {
  readonly name: 'sqlite' | 'postgres';
  /** An empty database of its own, for one test or one suite. */
  create(): Promise<TestDatabase>;
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
  return [sqlite, { name: 'postgres', create: () => createPostgres(programs) }];
}

const sqlite: ControlBackend = {
  name: 'sqlite',
  async create() {
    const folder = mkdtempSync(join(tmpdir(), 'control-'));
    return testDatabase(join(folder, 'control.db'), async () => rmSync(folder, { recursive: true, force: true }));
  },
};

async function createPostgres(programs: string): Promise<TestDatabase> {
  const { socketFolder, user } = postgresServer(programs);
  const name = `test_${process.pid}_${Math.random().toString(36).slice(2)}`;
  const administer = async (program: string, ...parameters: string[]) => {
    await promisify(execFile)(join(programs, program), ['-h', socketFolder, '-U', user, ...parameters, name]);
  };
  await administer('createdb');
  const url = `postgres://${user}@/${name}?host=${encodeURIComponent(socketFolder)}`;
  return testDatabase(url, () => administer('dropdb', '--force'));
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
      const store = await openControlStore({ url, logger: silent });
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
