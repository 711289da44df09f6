import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK_BYTES = 512;

/** What a folder takes on the disk. Files that go meanwhile do not count. */
export function folderBytes(folder: string): number {
  let sum = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (!entry.isFile()) continue;
    sum += statSync(join(entry.parentPath, entry.name), { throwIfNoEntry: false })?.blocks ?? 0;
  }
  return sum * BLOCK_BYTES;
}
