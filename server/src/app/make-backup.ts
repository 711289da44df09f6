import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ApiKeys } from '../access/index.ts';
import type { Config } from '../config/index.ts';
import { newId } from '../lib/id.ts';
import { systemClock } from '../model/clock.ts';
import { ServiceError } from '../model/errors.ts';
import type { Logger } from '../model/logger.ts';
import { openControlStore } from '../stores/control/index.ts';
import {
  DataDirectoryError,
  openDataDirectory,
  openTelemetryStore,
  RetentionSetting,
} from '../stores/telemetry/index.ts';
import { Backups } from './backups.ts';
import { acknowledgement, clickHouseServer } from './click-house-server.ts';
import { backupDirOf } from './storage-care.ts';

const POLL_MS = 300;

/**
 * Puts a backup into `target`, which must be missing or empty: by way of the service that runs on the data directory, or
 * of the stores themselves where none runs. Throws `ServiceError` that says what to do.
 */
export async function makeBackup(
  config: Config,
  target: string,
  url: string | undefined,
  logger: Logger,
): Promise<void> {
  const folder = resolve(target);
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new ServiceError('conflict', `${folder} is not empty: name a folder that does not exist yet`);
  }
  const made = (await isFree(config.dataDir))
    ? await backUpStores(config, logger)
    : await askService(config, url ?? `http://127.0.0.1:${config.port}${config.basePath}`, logger);
  moveFolder(made, folder);
}

async function isFree(dataDir: string): Promise<boolean> {
  try {
    openDataDirectory(dataDir).release();
    return true;
  } catch (error) {
    if (error instanceof DataDirectoryError && /in use/.test(error.message)) return false;
    throw error;
  }
}

/** Nobody else has the data: what the log holds goes into the tables first, as at any start. */
async function backUpStores(config: Config, logger: Logger): Promise<string> {
  const directory = openDataDirectory(config.dataDir);
  const control = await openControlStore({ url: config.databaseUrl ?? join(config.dataDir, 'control.db'), logger });
  const server = clickHouseServer(config);
  const configured = {
    metricsMs: config.retentionMetrics,
    logsMs: config.retentionLogs,
    tracesMs: config.retentionTraces,
    rollupsMs: config.retentionRollups,
  };
  const telemetry = await openTelemetryStore({
    dataDir: config.dataDir,
    retention: new RetentionSetting({ dataDir: config.dataDir, configured, logger }).current,
    backupDir: backupDirOf(config),
    acknowledge: acknowledgement(config),
    ...(server && { server }),
    clock: systemClock,
    logger,
  });
  try {
    const engine = server === undefined ? 'embedded' : 'server';
    const { dataDir } = config;
    const backups = new Backups({
      dataDir,
      backupDir: backupDirOf(config),
      telemetry,
      engine,
      control,
      clock: systemClock,
      logger,
    });
    const backup = backups.start();
    while (backup.status === 'running') await delay(POLL_MS);
    if (backup.status === 'failed') throw new ServiceError('unavailable', `the backup failed: ${backup.error}`);
    return backup.path;
  } finally {
    await telemetry.close();
    await control.close();
    directory.release();
  }
}

interface BackupAnswer {
  readonly name: string;
  readonly path: string;
  readonly status: 'running' | 'done' | 'failed';
  readonly error: string | null;
}

/** Whoever may write to the control store may make an administrator's key: one for the time of the backup. */
async function askService(config: Config, url: string, logger: Logger): Promise<string> {
  const path = '/api/monitoring/storage/backups';
  const first = await call(url, 'POST', path, undefined);
  if (first.status !== 401) return await waitFor(url, path, first, undefined);
  const control = await openControlStore({ url: config.databaseUrl ?? join(config.dataDir, 'control.db'), logger });
  const keys = new ApiKeys(control);
  const name = `backup ${newId()}`;
  try {
    const secret = await keys.create(name, ['admin'], Date.now());
    return await waitFor(url, path, await call(url, 'POST', path, secret), secret);
  } finally {
    await keys.delete(name);
    await control.close();
  }
}

async function waitFor(url: string, path: string, started: Answer, secret: string | undefined): Promise<string> {
  for (let answer = started; ; answer = await call(url, 'GET', `${path}/${started.body.name}`, secret)) {
    const { status, body } = answer;
    if (status !== 202 && status !== 200)
      throw new ServiceError('unavailable', `the service answers ${status}: ${body.detail ?? ''}`);
    if (body.status === 'failed') throw new ServiceError('unavailable', `the backup failed: ${body.error}`);
    if (body.status === 'done') return body.path;
    await delay(POLL_MS);
  }
}

interface Answer {
  readonly status: number;
  readonly body: BackupAnswer & { readonly detail?: string };
}

async function call(url: string, method: string, path: string, secret: string | undefined): Promise<Answer> {
  const headers = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
  try {
    const response = await fetch(url.replace(/\/$/, '') + path, { method, headers });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  } catch (error) {
    throw new ServiceError(
      'unavailable',
      `a service has the data directory, and does not answer at ${url}: give its address with --url`,
      { cause: error },
    );
  }
}

function moveFolder(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true });
  rmSync(to, { recursive: true, force: true });
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    cpSync(from, to, { recursive: true });
    rmSync(from, { recursive: true });
  }
}
