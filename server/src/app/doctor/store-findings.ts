import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Config } from '../../config/index.ts';
import type { Logger } from '../../model/logger.ts';
import { checkControlStore } from '../../stores/control/index.ts';
import { DataDirectoryError, inspectTelemetry, openDataDirectory } from '../../stores/telemetry/index.ts';
import { clickHouseServer } from '../click-house-server.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

const AHEAD_MS = 60_000;

export interface DirectoryFindings {
  readonly findings: readonly Finding[];
  /** A service runs on it. */
  readonly inUse: boolean;
  readonly usable: boolean;
}

/** Whether the data directory can be used, and whether a service does. */
export function directoryFindings({ dataDir }: Config): DirectoryFindings {
  const path = resolve(dataDir);
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
    openDataDirectory(path).release();
    return { findings: [ok('data directory', path), clockFinding(path)], inUse: false, usable: true };
  } catch (error) {
    if (error instanceof DataDirectoryError && /in use/.test(error.message)) {
      return {
        findings: [ok('data directory', `${path}, a service runs on it`), clockFinding(path)],
        inUse: true,
        usable: true,
      };
    }
    const finding = fail(
      'data directory',
      (error as Error).message,
      'correct its owner and rights, or set another DATA_DIR',
    );
    return { findings: [finding], inUse: false, usable: false };
  }
}

/** Files of the future mean that the clock was set back: data of then would be refused now. */
function clockFinding(path: string): Finding {
  const now = Date.now();
  const newest = Math.max(0, ...readdirSync(path).map((name) => statSync(join(path, name)).mtimeMs));
  const shown = new Date(now).toISOString();
  if (newest <= now + AHEAD_MS) return ok('clock', shown);
  return warn(
    'clock',
    `${shown}, and ${path} has files of ${new Date(newest).toISOString()}`,
    'set the clock, best by NTP',
  );
}

/** The telemetry engine, opened for real, and the version of its schema. */
export async function telemetryFinding(config: Config, inUse: boolean, logger: Logger): Promise<Finding> {
  const server = clickHouseServer(config);
  // The embedded engine is one process's alone: where a service has it, a new one in a folder of its own is tried.
  const isEmpty = server === undefined && (inUse || !existsSync(join(config.dataDir, 'telemetry', 'engine')));
  const dataDir = isEmpty ? mkdtempSync(join(tmpdir(), 'doctor-')) : config.dataDir;
  try {
    const { version, schema, latest } = await inspectTelemetry({
      dataDir,
      ...(server && { server }),
      logger,
      waitMs: 0,
    });
    const what = server === undefined ? `embedded ClickHouse ${version}` : `ClickHouse ${version} at ${server.origin}`;
    if (schema > latest) {
      const remedy = 'install the newer release again, or restore a backup made before the upgrade';
      return fail('telemetry store', `${what}, schema ${schema} of a newer release (this one knows ${latest})`, remedy);
    }
    const state =
      schema === 0
        ? 'no tables yet'
        : schema < latest
          ? `schema ${schema}, migrated at the next start`
          : `schema ${schema}`;
    return ok('telemetry store', isEmpty && inUse ? what : `${what}, ${state}`);
  } catch (error) {
    return fail(
      'telemetry store',
      (error as Error).message,
      server === undefined ? 'see the message; a backup can be restored' : 'see the message',
    );
  } finally {
    if (isEmpty) rmSync(dataDir, { recursive: true, force: true });
  }
}

/** The control store, without changing it. */
export async function controlFinding(config: Config, logger: Logger): Promise<Finding> {
  const path = join(config.dataDir, 'control.db');
  if (config.databaseUrl === undefined && !existsSync(path))
    return ok('control store', 'SQLite, made at the first start');
  try {
    return ok('control store', await checkControlStore(config.databaseUrl ?? path, logger));
  } catch (error) {
    const remedy = config.databaseUrl === undefined ? 'restore a backup' : 'correct DATABASE_URL, or start PostgreSQL';
    return fail('control store', (error as Error).message, remedy);
  }
}
