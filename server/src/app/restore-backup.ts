import { chmodSync, copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Config } from '../config/index.ts';
import { ServiceError } from '../model/errors.ts';
import { openDataDirectory, restoreTelemetry } from '../stores/telemetry/index.ts';
import { type BackupManifest, CONTROL_FILE, MANIFEST, RETENTION_FILE, sha256Of } from './backups.ts';

/** What was put back; rows by table of telemetry. */
export interface Restored {
  readonly manifest: BackupManifest;
  readonly rows: Readonly<Record<string, number>>;
}

/** What restoring writes into the data directory. */
const RESTORED = [CONTROL_FILE, RETENTION_FILE, 'telemetry/engine'];

/**
 * Puts a backup into an empty data directory. Throws `ServiceError` where the folder is no backup or is damaged, or the
 * data directory holds data: nothing is overwritten.
 */
export async function restoreBackup(config: Config, from: string): Promise<Restored> {
  const folder = resolve(from);
  const manifest = readManifest(folder);
  const { dataDir } = config;
  const present = RESTORED.filter((name) => existsSync(join(dataDir, name)));
  if (present.length > 0) {
    throw new ServiceError(
      'conflict',
      `${resolve(dataDir)} holds data already (${present.join(', ')}): move it away, or set another DATA_DIR`,
    );
  }
  const directory = openDataDirectory(dataDir);
  try {
    checkControlFile(manifest, folder);
    const rows = manifest.telemetry === 'included' ? await restoreTelemetry(dataDir, folder) : {};
    for (const name of [RETENTION_FILE, CONTROL_FILE]) {
      if (!existsSync(join(folder, name))) continue;
      copyFileSync(join(folder, name), join(dataDir, name));
      chmodSync(join(dataDir, name), 0o600);
    }
    return { manifest, rows };
  } catch (error) {
    // Half of a backup must not look like data.
    for (const name of RESTORED) rmSync(join(dataDir, name), { recursive: true, force: true });
    const why = (error as Error).message;
    throw new ServiceError('invalid', `${folder} cannot be restored, and nothing of it is kept: ${why}`, {
      cause: error,
    });
  } finally {
    directory.release();
  }
}

function checkControlFile({ control, control_sha256: expected }: BackupManifest, folder: string): void {
  if (control !== 'included') return;
  const path = join(folder, CONTROL_FILE);
  if (!existsSync(path)) throw new Error(`${CONTROL_FILE} is missing`);
  if (expected !== undefined && sha256Of(path) !== expected) {
    throw new Error(`${CONTROL_FILE} is damaged: its SHA-256 is not the one in ${MANIFEST}`);
  }
}

function readManifest(folder: string): BackupManifest {
  let manifest: BackupManifest;
  try {
    manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8')) as BackupManifest;
  } catch (error) {
    throw new ServiceError('invalid', `${folder} is no backup: it has no readable ${MANIFEST}`, { cause: error });
  }
  if (manifest.format === 1) return manifest;
  throw new ServiceError(
    'invalid',
    `${folder} was made by a newer release (${manifest.version}): restore it with that`,
  );
}
