import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** The layout of the data directory that this release reads and writes; raised by a change that older ones misread. */
const LAYOUT_VERSION = 1;

/** The start is refused: the message says why and what to do. */
export class DataDirectoryError extends Error {
  override readonly name = 'DataDirectoryError';
}

export interface DataDirectory {
  readonly path: string;
  /** Lets another process have it. */
  release(): void;
}

/** Every lock that this process holds: one that nothing refers to would be collected, and so given up. */
const held = new Set<DatabaseSync>();

/**
 * Takes the data directory for this process, creating it where it is missing. Throws `DataDirectoryError` while another
 * process holds it, where a newer release wrote it, or where it cannot be written to.
 *
 * The lock is the operating system's lock on `LOCK` (an empty SQLite database), so it ends with its process however
 * that dies, and holds between containers that share a volume. `PID` only says whom to look for.
 */
export function openDataDirectory(path: string): DataDirectory {
  const lock = takeLock(path);
  try {
    checkVersion(path);
    writeFileSync(join(path, 'PID'), `${process.pid}\n`);
  } catch (error) {
    lock.close();
    throw error;
  }
  held.add(lock);
  return {
    path,
    release() {
      rmSync(join(path, 'PID'), { force: true });
      lock.close();
      held.delete(lock);
    },
  };
}

function takeLock(path: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(path, { recursive: true });
    database = new DatabaseSync(join(path, 'LOCK'));
    database.exec('PRAGMA journal_mode = MEMORY; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
    return database;
  } catch (error) {
    database?.close();
    if (/database is locked/.test(String(error))) {
      throw new DataDirectoryError(
        `the data directory ${path} is in use by ${holder(path)}; stop that one first, or set another DATA_DIR`,
      );
    }
    throw new DataDirectoryError(`the data directory ${path} cannot be used: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function holder(path: string): string {
  try {
    return `the process ${readFileSync(join(path, 'PID'), 'utf8').trim()}`;
  } catch {
    return 'another process';
  }
}

function checkVersion(path: string): void {
  const file = join(path, 'VERSION');
  const text = readIfThere(file)?.trim();
  if (text === undefined) {
    // Renamed into place: a crash leaves the whole file or none.
    writeFileSync(`${file}.new`, `${LAYOUT_VERSION}\n`, { flush: true });
    renameSync(`${file}.new`, file);
    return;
  }
  if (!/^\d+$/.test(text)) {
    throw new DataDirectoryError(`${file} should hold a number and holds "${text.slice(0, 40)}": restore a backup`);
  }
  if (Number(text) > LAYOUT_VERSION) {
    throw new DataDirectoryError(
      `the data in ${path} was written by a newer release (layout ${text}, this one knows ${LAYOUT_VERSION}); ` +
        'install that release again, or restore a backup made before the upgrade',
    );
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
