import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, statfsSync } from 'node:fs';

const MEMORY = '/dev/shm';
const ROOM_BYTES = 6 * 1024 ** 3;

/**
 * Puts what the tests write into memory, where there is room: hundreds of databases that are synchronised with every
 * transaction otherwise wait for the disk most of the time. A killed process loses nothing there either. Vitest calls
 * this once for each project, before its workers start; the folder goes away some seconds after the whole run, however
 * that ends.
 */
export function setup(): void {
  if (process.env.TMPDIR !== undefined || freeBytes() < ROOM_BYTES) return;
  const folder = mkdtempSync(`${MEMORY}/test-`);
  // PostgreSQL's server runs as another user.
  chmodSync(folder, 0o1777);
  process.env.TMPDIR = folder;
  const script = `while kill -0 ${process.pid} 2>/dev/null; do sleep 1; done; sleep 10; rm -rf '${folder}'`;
  spawn('sh', ['-c', script], { detached: true, stdio: 'ignore' }).unref();
}

function freeBytes(): number {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize;
  } catch {
    return 0;
  }
}
