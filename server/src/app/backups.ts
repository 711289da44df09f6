import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../model/clock.ts';
import { ServiceError } from '../model/errors.ts';
import type { Logger } from '../model/logger.ts';
import { backUpSqlite, type ControlStore } from '../stores/control/index.ts';
import { backUpDatabase, type EngineKind, type TelemetryStore } from '../stores/telemetry/index.ts';
import { VERSION } from './version.ts';

export interface BackupsOptions {
  readonly dataDir: string;
  /** Backups are made below it, a folder each. */
  readonly backupDir: string;
  readonly telemetry: TelemetryStore;
  readonly engine: EngineKind;
  readonly control: ControlStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** One backup. Times are Unix milliseconds. */
export interface Backup {
  readonly name: string;
  /** Where it is when done. */
  readonly path: string;
  status: 'running' | 'done' | 'failed';
  readonly startedAt: number;
  endedAt: number | undefined;
  error: string | undefined;
}

/** What `backup.json` in a backup says. */
export interface BackupManifest {
  readonly format: 1;
  readonly version: string;
  readonly created_at: string;
  /** Part of the backup, or where its owner backs it up. */
  readonly telemetry: 'included' | 'clickhouse_server';
  readonly control: 'included' | 'postgres';
  /** Of its file, hexadecimal; backups of older releases have none. */
  readonly control_sha256?: string;
}

export const MANIFEST = 'backup.json';
export const CONTROL_FILE = 'control.db';
export const RETENTION_FILE = 'retention.json';

export function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/**
 * Backups of a running service: all that was accepted before is in them. The control store is copied first, so that
 * what it says of telemetry is there.
 */
export class Backups {
  readonly #options: BackupsOptions;
  readonly #backups = new Map<string, Backup>();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: BackupsOptions) {
    this.#options = options;
  }

  /** Throws `conflict` while one is being made. */
  start(): Backup {
    if (this.#running) throw new ServiceError('conflict', 'a backup is being made already: wait until it is done');
    const { backupDir, clock, logger } = this.#options;
    const startedAt = clock.now();
    const name = new Date(startedAt).toISOString().replace(/:/g, '-').slice(0, 23);
    const path = join(backupDir, name);
    const backup: Backup = { name, path, status: 'running', startedAt, endedAt: undefined, error: undefined };
    this.#backups.set(name, backup);
    this.#running = this.#make(backup)
      .then(
        () => {
          backup.status = 'done';
          logger.info({ path }, 'backup made');
        },
        (error: unknown) => {
          backup.status = 'failed';
          backup.error = error instanceof Error ? error.message : String(error);
          rmSync(partial(path), { recursive: true, force: true });
          logger.error({ path, err: error }, 'backup failed');
        },
      )
      .finally(() => {
        backup.endedAt = clock.now();
        this.#running = undefined;
      });
    return backup;
  }

  find(name: string): Backup | undefined {
    return this.#backups.get(name);
  }

  async #make({ path, startedAt }: Backup): Promise<void> {
    const { dataDir, telemetry, engine, control } = this.#options;
    const folder = partial(path);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (control.kind === 'sqlite') await backUpSqlite(join(dataDir, CONTROL_FILE), join(folder, CONTROL_FILE));
    const retention = join(dataDir, RETENTION_FILE);
    if (existsSync(retention)) copyFileSync(retention, join(folder, RETENTION_FILE));
    if (!(await telemetry.flush())) throw new Error('some of what was accepted cannot be stored just now');
    if (engine === 'embedded') {
      await backUpDatabase(telemetry.clickHouse, join(folder, 'telemetry'), this.#stopping.signal);
    }
    const manifest: BackupManifest = {
      format: 1,
      version: VERSION,
      created_at: new Date(startedAt).toISOString(),
      telemetry: engine === 'embedded' ? 'included' : 'clickhouse_server',
      ...(control.kind === 'sqlite'
        ? { control: 'included', control_sha256: sha256Of(join(folder, CONTROL_FILE)) }
        : { control: 'postgres' }),
    };
    // Last, and renamed into place: a folder with it is whole.
    writeFileSync(join(folder, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`, { flush: true });
    renameSync(folder, path);
  }

  /** Ends the one that is being made. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }
}

function partial(path: string): string {
  return `${path}.partial`;
}
