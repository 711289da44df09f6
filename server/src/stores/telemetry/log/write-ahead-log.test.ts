import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../model/clock.ts';
import { ServiceError } from '../../../model/errors.ts';
import { HEADER_BYTES } from './record.ts';
import { type Recovery, recover } from './recovery.ts';
import { WriteAheadLog, type WriteAheadLogOptions } from './write-ahead-log.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
let path: string;

beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'write-ahead-log-')), 'log');
});
afterEach(() => rmSync(join(path, '..'), { recursive: true, force: true }));

const openLog = (options: Partial<WriteAheadLogOptions> = {}) =>
  WriteAheadLog.open({ path, fsync: '1s', clock: systemClock, logger: silent, ...options });

const segments = () =>
  readdirSync(path)
    .filter((name) => name.endsWith('.log'))
    .sort();
const segment = (index: number) => join(path, segments()[index]!);

/** The texts of all blocks that a recovery finds, by table: first those of cuts, `|` between them, then the loose ones. */
async function texts(recovery: Recovery): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const [table, { cuts, loose }] of recovery.tables) {
    const parts = [...cuts.map(({ blocks }) => blocks), loose].filter((blocks) => blocks.length > 0);
    const read = await Promise.all(
      parts.map(async (blocks) => (await Promise.all(blocks.map((block) => block.read()))).join(',')),
    );
    found[table] = read.join(' | ');
  }
  return found;
}

const block = (text: string) => Buffer.from(text);
const blocksOf = (...sequences: number[]) =>
  sequences.map((sequence) => ({ sequence, rows: 1, bytes: 1, read: () => block('x') }));

describe('the write-ahead log', () => {
  it('gives back what was appended, by table and in order', async () => {
    const { log, recovery } = await openLog();
    expect([recovery.tables.size, recovery.nextSequence]).toEqual([0, 1]);
    const sequences = await Promise.all([
      log.append('spans', 2, block('a')),
      log.append('logs', 1, block('b')),
      log.append('spans', 3, block('c')),
    ]);
    expect(sequences).toEqual([1, 2, 3]);
    const found = await recover(path);
    expect(await texts(found)).toEqual({ spans: 'a,c', logs: 'b' });
    expect(found).toMatchObject({ id: log.id, nextSequence: 4, rowsBefore: 6, damage: [] });
    await log.close();
  });

  it('keeps cuts and their tokens until they are done', async () => {
    const { log } = await openLog();
    for (const text of ['a', 'b', 'c', 'd']) await log.append('spans', 1, block(text));
    const token = await log.cut('spans', blocksOf(1, 2));
    expect(token).toBe(`${log.id}-spans-2`);
    await log.cut('spans', blocksOf(3));
    expect(await texts(await recover(path))).toEqual({ spans: 'a,b | c | d' });
    await log.done('spans', 2);
    const found = await recover(path);
    expect(await texts(found)).toEqual({ spans: 'c | d' });
    expect(found.tables.get('spans')!.cuts[0]!.through).toBe(3);
    await log.close();
  });

  it('goes on with the same identity and sequence', async () => {
    const first = (await openLog()).log;
    await first.append('spans', 5, block('a'));
    await first.close();
    const { log, recovery } = await openLog();
    expect(log.id).toBe(first.id);
    expect(await texts(recovery)).toEqual({ spans: 'a' });
    expect(await log.append('spans', 1, block('b'))).toBe(2);
    expect(await texts(await recover(path))).toEqual({ spans: 'a,b' });
    await log.close();
  });

  it('removes segments from the oldest on, when all in them is done', async () => {
    const { log } = await openLog({ segmentBytes: 100 });
    await log.append('spans', 1, block('a'.repeat(100)));
    await log.append('logs', 1, block('b'.repeat(100)));
    await log.append('spans', 1, block('c'.repeat(100)));
    expect(segments()).toHaveLength(3);
    await log.done('logs', 2);
    expect(segments()[0]).toBe('0000000001.log');
    await log.done('spans', 1);
    expect(segments()[0]).toBe('0000000003.log');
    await log.done('spans', 3);
    await log.close();
    expect(segments()).toEqual([]);
  });

  it('does not count what could not be written, and goes on after it', async () => {
    let full = false;
    const { log } = await openLog({
      checkSpace: () => {
        if (full) throw new ServiceError('disk_full', 'full');
      },
    });
    await log.append('spans', 1, block('a'));
    full = true;
    await expect(log.append('spans', 1, block('b'))).rejects.toMatchObject({ code: 'disk_full' });
    // What is there can still be moved into the tables.
    await log.cut('spans', blocksOf(1));
    full = false;
    expect(await log.append('spans', 1, block('c'))).toBe(2);
    expect(await texts(await recover(path))).toEqual({ spans: 'a | c' });
    await log.close();
    await expect(log.append('spans', 1, block('d'))).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a log that did not end well', () => {
  /** Blocks of ten bytes and one row each in segments of three. */
  async function written(count: number): Promise<string> {
    const { log } = await openLog({ segmentBytes: 3 * (HEADER_BYTES + 10) + HEADER_BYTES + 36 });
    for (let index = 1; index <= count; index++) await log.append('spans', 1, block(`block${index}`.padEnd(10)));
    await log.close();
    return log.id;
  }
  const offsetOf = (index: number) => HEADER_BYTES + 36 + index * (HEADER_BYTES + 10);
  const numbers = async (recovery: Recovery) =>
    [...((await texts(recovery)).spans ?? '').matchAll(/block(\d+)/g)].map((match) => Number(match[1]));

  it('leaves out an unfinished last record without a word', async () => {
    await written(5);
    truncateSync(segment(1), offsetOf(1) + HEADER_BYTES + 4);
    expect([await numbers(await recover(path)), (await recover(path)).damage]).toEqual([[1, 2, 3, 4], []]);
    truncateSync(segment(1), offsetOf(1) + 10);
    expect([await numbers(await recover(path)), (await recover(path)).damage]).toEqual([[1, 2, 3, 4], []]);
  });

  it('finds a broken body, says what was in it, and recovers the rest', async () => {
    await written(5);
    flip(segment(0), offsetOf(1) + HEADER_BYTES + 2);
    const recovery = await recover(path);
    expect(await numbers(recovery)).toEqual([1, 3, 4, 5]);
    expect(recovery.damage).toMatchObject([{ segment: '0000000001.log', offset: offsetOf(1), blocks: 1, rows: 1 }]);
  });

  it('finds broken headers, and measures the gap by what follows', async () => {
    await written(5);
    flip(segment(0), offsetOf(1) + 30);
    flip(segment(0), offsetOf(2) + 30);
    const recovery = await recover(path);
    expect(await numbers(recovery)).toEqual([1, 4, 5]);
    expect(recovery.damage).toMatchObject([{ blocks: 2, rows: 2 }]);
    expect(recovery.nextSequence).toBe(6);
  });

  it('misses what was cut from the end of a segment that others follow', async () => {
    await written(7);
    truncateSync(segment(0), offsetOf(1) + 5);
    const recovery = await recover(path);
    expect(await numbers(recovery)).toEqual([1, 4, 5, 6, 7]);
    expect(recovery.damage).toMatchObject([{ segment: '0000000001.log', blocks: 2, rows: 2 }]);
  });

  it('says so where nothing tells how much was lost', async () => {
    await written(2);
    appendFileSync(segment(0), Buffer.alloc(200, 7));
    const recovery = await recover(path);
    expect(await numbers(recovery)).toEqual([1, 2]);
    expect(recovery.damage).toMatchObject([{ bytes: 200, blocks: undefined, rows: undefined }]);
  });

  it('does not count as lost what had reached its table', async () => {
    await written(2);
    const { log } = await openLog();
    const found = await recover(path);
    await log.cut('spans', found.tables.get('spans')!.loose);
    // Done, but the segment is still there: the process dies before it is removed.
    const saved = readFileSync(segment(0));
    await log.done('spans', 2);
    await log.append('spans', 1, block('block3    '));
    await log.close();
    writeFileSync(join(path, '0000000001.log'), saved);
    flip(join(path, '0000000001.log'), offsetOf(0) + 30);
    flip(join(path, '0000000001.log'), offsetOf(1) + HEADER_BYTES);
    const recovery = await recover(path);
    expect([await numbers(recovery), recovery.damage]).toEqual([[3], []]);
  });

  it('misses a segment that is gone, and an end that was cut off between two records', async () => {
    await written(10);
    rmSync(segment(1));
    truncateSync(segment(0), offsetOf(2));
    const recovery = await recover(path);
    expect(await numbers(recovery)).toEqual([1, 2, 7, 8, 9, 10]);
    expect(recovery.damage).toMatchObject([{ segment: '0000000003.log', offset: 0, bytes: 0, blocks: 4, rows: 4 }]);
  });

  it('misses each of two blocks in a row whose damage differs', async () => {
    await written(5);
    flip(segment(0), offsetOf(0) + 30);
    flip(segment(0), offsetOf(1) + HEADER_BYTES);
    const { damage } = await recover(path);
    expect(damage).toMatchObject([
      { offset: offsetOf(0), blocks: 1, rows: 1 },
      { offset: offsetOf(1), blocks: 1, rows: 1 },
    ]);
  });

  it('does not count what was done and removed before a segment whose beginning is broken', async () => {
    await written(5);
    rmSync(segment(0));
    flip(segment(0), 30);
    expect(await recover(path)).toMatchObject({ damage: [], nextSequence: 6, rowsBefore: 5 });
    flip(segment(0), offsetOf(0) + 30);
    const { damage } = await recover(path);
    expect(damage).toMatchObject([{ offset: 0, blocks: undefined, rows: undefined }]);
  });

  it('keeps the token of an insert whose record has lost its body', async () => {
    await written(3);
    const { log, recovery } = await openLog();
    await log.cut('spans', recovery.tables.get('spans')!.loose);
    await log.append('spans', 1, block('block4'));
    await log.close();
    flip(segment(1), offsetOf(0) + HEADER_BYTES);
    const { tables, damage } = await recover(path);
    expect(tables.get('spans')!.cuts).toMatchObject([{ through: 3, blocks: [{}, {}, {}] }]);
    expect([tables.get('spans')!.loose.map(({ sequence }) => sequence), damage]).toEqual([[4], []]);
  });

  it.each(['torn', 'damaged'])('gives no token twice behind an end that is %s', async (end) => {
    await written(2);
    const { log, recovery } = await openLog();
    const used = await log.cut('spans', recovery.tables.get('spans')!.loose);
    await log.close();
    // Of the insert and its second block nothing is left.
    rmSync(segment(1));
    if (end === 'torn') truncateSync(segment(0), offsetOf(1) + 20);
    else flip(segment(0), offsetOf(1) + 30);
    const again = await openLog();
    expect(again.recovery.tables.get('spans')!.loose).toHaveLength(1);
    const sequence = await again.log.append('spans', 1, block('block3'));
    expect(again.log.tokenOf('spans', sequence)).not.toBe(used);
    await again.log.close();
    const { damage, tables } = await recover(path);
    expect(damage).toEqual([]);
    expect(tables.get('spans')!.loose).toHaveLength(2);
  });

  it('keeps a damaged segment for whoever wants to know what happened', async () => {
    await written(1);
    flip(segment(0), offsetOf(0) + HEADER_BYTES);
    const { log } = await openLog();
    await log.release();
    expect(readdirSync(path)).toEqual(['0000000001.log.damaged']);
    await log.close();
  });

  it('never gives back other bytes than were written, whatever happens to the files', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.record({ at: fc.double({ min: 0, max: 0.999, noNaN: true }), byte: fc.integer({ min: 1, max: 255 }) }),
          {
            maxLength: 5,
          },
        ),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (flips, keep) => {
          rmSync(path, { recursive: true, force: true });
          const id = await written(6);
          for (const { at, byte } of flips) flip(segment(0), Math.floor(at * readFileSync(segment(0)).length), byte);
          truncateSync(segment(1), Math.floor(keep * readFileSync(segment(1)).length));
          const recovery = await recover(path);
          const found = await numbers(recovery);
          expect(found).toEqual([...new Set(found)].sort());
          const lost = recovery.damage.reduce((sum, { rows }) => sum + (rows ?? Number.NaN), 0);
          const inFirst = found.filter((number) => number <= 3).length;
          // What the first segment misses is told exactly where the second one still has its beginning.
          if (readFileSync(segment(1)).length >= offsetOf(0)) expect(lost).toBe(3 - inFirst);
          expect([undefined, id]).toContain(recovery.id);
        },
      ),
      { numRuns: 60 },
    );
  });
});

function flip(file: string, offset: number, byte = 255): void {
  const bytes = readFileSync(file);
  bytes[offset] = bytes[offset]! ^ byte;
  writeFileSync(file, bytes);
}
