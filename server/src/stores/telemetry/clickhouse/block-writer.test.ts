import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../../model/errors.ts';
import type { ClickHouse } from '../click-house.ts';
import { type BlockBuilder, BlockWriter, type BlockWriterLimits } from './block-writer.ts';
import { DirectSink } from './direct-sink.ts';
import { StringColumn } from './native-block.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

class WordBlock implements BlockBuilder<readonly string[]> {
  readonly columns = { word: new StringColumn() };

  append(words: readonly string[]): number {
    for (const word of words) {
      if (word === 'bad') throw new ServiceError('invalid', 'a bad word');
      this.columns.word.append(word);
    }
    return words.length;
  }
}

/** A table behind a gate: what was inserted, and when the next insert may go on. */
function openTable(limits: Partial<BlockWriterLimits> = {}) {
  const inserts: { token: string; block: string }[] = [];
  const outcomes: (() => void)[] = [];
  let failures = 0;
  const clickHouse = {
    insertBlock: async (_table: string, block: Uint8Array, token: string) => {
      inserts.push({ token, block: Buffer.from(block).toString('latin1') });
      await new Promise<void>((resolve) => outcomes.push(resolve));
      if (failures > 0) {
        failures--;
        throw new ServiceError('unavailable', 'broken');
      }
    },
  } as unknown as ClickHouse;
  const writer = new BlockWriter<readonly string[]>({
    table: 'words',
    sink: new DirectSink(clickHouse, 'words', silent),
    logger: silent,
    newBlock: () => new WordBlock(),
    rowsOf: (words) => words.length,
    bytesOf: (words) => words.join('').length,
    limits,
  });
  return {
    writer,
    inserts,
    fail: (times: number) => {
      failures = times;
    },
    /** Lets the next insert end, once it has begun. */
    async pass() {
      while (outcomes.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      outcomes.shift()!();
      await new Promise(setImmediate);
    },
  };
}

describe('BlockWriter', () => {
  it('joins what arrives together, and what arrives during an insert', async () => {
    const table = openTable();
    const first = Promise.all([table.writer.write(['a']), table.writer.write(['b', 'c'])]);
    await new Promise(setImmediate);
    const second = Promise.all(['d', 'e', 'f'].map((word) => table.writer.write([word])));
    expect(table.inserts).toHaveLength(1);
    await table.pass();
    await first;
    await table.pass();
    await second;
    expect(table.inserts).toHaveLength(2);
    expect(table.inserts[0]!.block).toContain('\u0001a\u0001b\u0001c');
    expect(table.inserts[1]!.block).toContain('\u0001d\u0001e\u0001f');
    expect(table.inserts[0]!.token).not.toBe(table.inserts[1]!.token);
    expect(table.writer.stats).toMatchObject({ pendingRows: 0, pendingBytes: 0, writtenRows: 6, writtenBlocks: 2 });
  });

  it('resolves no write before its block is stored', async () => {
    const table = openTable();
    let isStored = false;
    const write = table.writer.write(['a']).then(() => {
      isStored = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isStored).toBe(false);
    await table.pass();
    await write;
  });

  it('tries a failed block again under the same token', async () => {
    const table = openTable();
    table.fail(2);
    const write = table.writer.write(['a']);
    for (let attempt = 0; attempt < 3; attempt++) await table.pass();
    await write;
    expect(new Set(table.inserts.map((insert) => insert.token)).size).toBe(1);
    expect(new Set(table.inserts.map((insert) => insert.block)).size).toBe(1);
  });

  it('rejects every write of a block that fails for good, and goes on with the next', async () => {
    const table = openTable();
    table.fail(3);
    const writes = Promise.allSettled([table.writer.write(['a']), table.writer.write(['b'])]);
    for (let attempt = 0; attempt < 3; attempt++) await table.pass();
    expect((await writes).map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
    const next = table.writer.write(['c']);
    await table.pass();
    await next;
    expect(table.writer.stats).toMatchObject({ failedBlocks: 1, writtenBlocks: 1, pendingRows: 0 });
  });

  it('rejects a batch that cannot be encoded and stores its neighbours', async () => {
    const table = openTable();
    const writes = Promise.allSettled([
      table.writer.write(['a']),
      table.writer.write(['b', 'bad']),
      table.writer.write(['c']),
    ]);
    await table.pass();
    expect((await writes).map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(table.inserts[0]!.block).toContain('\u0001a\u0001c');
    expect(table.writer.stats).toMatchObject({ pendingRows: 0, writtenRows: 2 });
  });

  it('refuses what goes beyond its limits, and takes it later', async () => {
    const table = openTable({ pendingRows: 3 });
    const accepted = table.writer.write(['a', 'b', 'c']);
    await expect(table.writer.write(['d'])).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 2 });
    await table.pass();
    await accepted;
    const later = table.writer.write(['d']);
    await table.pass();
    await later;
  });

  it('never divides a batch, and never joins beyond the size of a block', async () => {
    const table = openTable({ blockRows: 2 });
    const writes = Promise.all([
      table.writer.write(['a', 'b', 'c']),
      table.writer.write(['d']),
      table.writer.write(['e', 'f']),
    ]);
    for (let block = 0; block < 3; block++) await table.pass();
    await writes;
    expect(table.inserts.map((insert) => insert.block.at(-1))).toEqual(['c', 'd', 'f']);
  });

  it('stores what was accepted before it closes', async () => {
    const table = openTable();
    const write = table.writer.write(['a']);
    const closing = table.writer.close();
    await expect(table.writer.write(['b'])).rejects.toMatchObject({ code: 'unavailable' });
    await table.pass();
    await Promise.all([write, closing]);
  });

  it('takes an empty batch for stored', async () => {
    await openTable().writer.write([]);
  });
});
