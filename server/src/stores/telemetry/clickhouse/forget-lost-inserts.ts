import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';

/** A line of the engine's log of deduplication: an insert that made a part, or a part that was dropped. */
interface Entry {
  readonly line: string;
  readonly file: string;
  readonly isDrop: boolean;
  readonly part: string;
  /** The partition and the hash of the token. */
  readonly block: string;
}

interface Part {
  readonly partition: string;
  readonly first: number;
  readonly last: number;
}

/**
 * The engine notes that it knows an insert's token, and only then gives the insert's part its name. Killed in between
 * it has lost the part, and takes the repetition of the insert for one that it has: what was acknowledged would be gone.
 * So before it opens, notes without a part are taken out of its logs. Resolves with how many there were. `scratch` is a
 * folder on the same disk for files that are not finished.
 */
export async function forgetLostInserts(enginePath: string, scratch: string): Promise<number> {
  const store = join(enginePath, 'store');
  const folders = await Promise.all((await names(store)).map((name) => foldersIn(join(store, name))));
  const counts = await Promise.all(folders.flat().map((table) => forgetInTable(table, scratch)));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function foldersIn(folder: string): Promise<string[]> {
  return (await names(folder)).map((name) => join(folder, name));
}

/** What a folder holds; nothing where there is none. */
async function names(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
}

async function forgetInTable(table: string, scratch: string): Promise<number> {
  const logs = join(table, 'deduplication_logs');
  const files = (await names(logs)).sort((a, b) => numberOf(a) - numberOf(b)).map((name) => join(logs, name));
  if (files.length === 0) return 0;
  const entries = (await Promise.all(files.map(readEntries))).flat();
  const lost = lostEntries(
    entries,
    (await names(table)).flatMap((name) => parsePart(name) ?? []),
  );
  for (const file of new Set([...lost].map((entry) => entry.file))) {
    const kept = entries.filter((entry) => entry.file === file && !lost.has(entry));
    const next = join(scratch, `${basename(table)}-${basename(file)}`);
    await writeFile(next, kept.map(({ line }) => `${line}\n`).join(''), { encoding: 'latin1', flush: true });
    await rename(next, file);
  }
  return lost.size;
}

/** `deduplication_log_12.txt`. */
function numberOf(name: string): number {
  return Number(/\d+/.exec(name)?.[0] ?? 0);
}

async function readEntries(file: string): Promise<Entry[]> {
  const lines = (await readFile(file, 'latin1')).split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const [operation = '', part = '', block = ''] = line.split('\t');
    return { line, file, isDrop: operation !== '1', part, block };
  });
}

/** Of the notes of one part the newest can be true: the number of a part that never was is given again. */
function lostEntries(entries: readonly Entry[], parts: readonly Part[]): Set<Entry> {
  const dropped = new Set(entries.filter(({ isDrop }) => isDrop).map(({ block }) => block));
  const newest = new Map(entries.filter(({ isDrop }) => !isDrop).map((entry) => [entry.part, entry]));
  const byPartition = Map.groupBy(parts, ({ partition }) => partition);
  const isThere = ({ part }: Entry) => {
    const wanted = parsePart(part);
    const inPartition = wanted && byPartition.get(wanted.partition);
    return inPartition?.some(({ first, last }) => first <= wanted!.first && last >= wanted!.last) ?? false;
  };
  return new Set(
    entries.filter(
      (entry) => !entry.isDrop && !dropped.has(entry.block) && (newest.get(entry.part) !== entry || !isThere(entry)),
    ),
  );
}

/** `20261128_3_17_2`, with a further number where it was mutated; merged parts span the numbers of theirs. */
function parsePart(name: string): Part | undefined {
  const [, partition, first, last] = /^(.+)_(\d+)_(\d+)_\d+(?:_\d+)?$/.exec(name) ?? [];
  return partition === undefined ? undefined : { partition, first: Number(first), last: Number(last) };
}
