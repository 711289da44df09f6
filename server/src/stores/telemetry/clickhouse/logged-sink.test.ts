import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../../../../tests/support/eventually.ts';
import { VirtualClock } from '../../../../../tests/support/virtual-clock.ts';
import { ServiceError } from '../../../model/errors.ts';
import type { ClickHouse } from '../click-house.ts';
import { recover } from '../log/recovery.ts';
import { WriteAheadLog } from '../log/write-ahead-log.ts';
import { LoggedSink, type LoggedSinkOptions } from './logged-sink.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const clock = new VirtualClock(Date.UTC(2026, 10, 24));
let path: string;
let log: WriteAheadLog;

beforeEach(() => {
  path = mkdtempSync(join(tmpdir(), 'logged-sink-'));
});
afterEach(async () => {
  await log.close();
  rmSync(path, { recursive: true, force: true });
});

/** A table that keeps the token and the text of each insert, knows tokens again, and refuses while `error` is set. */
class Table {
  readonly inserts: string[] = [];
  readonly tokens = new Set<string>();
  tries = 0;
  error: unknown;

  asClickHouse(): ClickHouse {
    return {
      query: async () => [],
      insertBlock: async (_table: string, blocks: readonly Uint8Array[], token: string) => {
        this.tries++;
        if (this.error) throw this.error;
        if (!this.tokens.has(token)) this.inserts.push(Buffer.concat(blocks).toString());
        this.tokens.add(token);
      },
    } as unknown as ClickHouse;
  }
}

async function openSink(table: Table, options: Partial<LoggedSinkOptions> = {}) {
  const opened = await WriteAheadLog.open({ path, fsync: '1s', clock, logger: silent });
  log = opened.log;
  const recovered = opened.recovery.tables.get('words');
  const asides: Record<string, string> = {};
  const sink = new LoggedSink({
    log,
    clickHouse: table.asClickHouse(),
    table: 'words',
    clock,
    logger: silent,
    setAside: async (name, block) => {
      asides[name] = block.toString();
      return name;
    },
    flushAfterMs: 1000,
    ...(recovered && { recovered }),
    ...options,
  });
  return { sink, asides, recovery: opened.recovery };
}

describe('LoggedSink', () => {
  it('answers when a block is logged, and inserts together what came within its time', async () => {
    const table = new Table();
    const { sink } = await openSink(table);
    await sink.take(Buffer.from('a'), 1);
    await sink.take(Buffer.from('b'), 1);
    expect([table.inserts, sink.pendingRows, sink.pendingBytes]).toEqual([[], 2, 2]);
    await clock.advance(1000);
    await eventually(() => expect([table.inserts, sink.pendingRows]).toEqual([['ab'], 0]));
    expect((await recover(path)).tables.size).toBe(0);
  });

  it('does not wait when there is enough for an insert, and keeps inserts within their size', async () => {
    const table = new Table();
    const { sink } = await openSink(table, { limits: { rows: 4 } });
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((text) => sink.take(Buffer.from(text), 2)));
    expect(await sink.flush()).toBe(true);
    expect([table.inserts.join(' '), sink.pendingRows]).toEqual(['ab cd e', 0]);
  });

  it('lets senders wait while the engine is behind', async () => {
    const table = new Table();
    const { sink } = await openSink(table, { limits: { rows: 2 } });
    table.error = new ServiceError('overloaded', 'slow');
    for (const text of ['a', 'b']) await sink.take(Buffer.from(text), 2);
    let taken = false;
    const third = sink.take(Buffer.from('c'), 1).then(() => {
      taken = true;
    });
    await eventually(() => expect(table.tries).toBeGreaterThan(0), 30_000, 2);
    expect([taken, sink.pendingRows]).toEqual([false, 4]);
    table.error = undefined;
    await clock.advance(60_000);
    await third;
    expect([await sink.flush(), table.inserts]).toEqual([true, ['a', 'b', 'c']]);
  });

  it('tries an insert again with the same token and the same rows until the engine takes it', async () => {
    const table = new Table();
    const { sink } = await openSink(table);
    table.error = new ServiceError('disk_full', 'full');
    await sink.take(Buffer.from('a'), 1);
    await clock.advance(1000);
    await eventually(() => expect(table.tries).toBe(1));
    await sink.take(Buffer.from('b'), 1);
    await eventually(
      async () => {
        await clock.advance(5000);
        expect(table.tries).toBeGreaterThan(30);
      },
      30_000,
      2,
    );
    expect([String(sink.failure), sink.pendingRows]).toEqual([expect.stringContaining('full'), 2]);
    table.error = undefined;
    await eventually(
      async () => {
        await clock.advance(5000);
        expect(table.inserts).toEqual(['a', 'b']);
      },
      30_000,
      2,
    );
    expect([sink.failure, sink.pendingRows]).toEqual([undefined, 0]);
  });

  it('sets aside in the end what the engine refuses while it works', async () => {
    const table = new Table();
    const { sink, asides } = await openSink(table);
    table.error = new ServiceError('unavailable', 'no');
    await sink.take(Buffer.from('poison'), 1);
    await clock.advance(1000);
    await eventually(
      async () => {
        await clock.advance(5000);
        expect(Object.values(asides)).toEqual(['poison']);
      },
      30_000,
      2,
    );
    table.error = undefined;
    await sink.take(Buffer.from('good'), 1);
    expect([await sink.flush(), table.inserts]).toEqual([true, ['good']]);
  });

  it('leaves in the log what cannot be inserted before the end; the next process inserts it once', async () => {
    const table = new Table();
    const first = await openSink(table);
    await first.sink.take(Buffer.from('a'), 1);
    await first.sink.flush();
    table.error = new ServiceError('unavailable', 'gone');
    await first.sink.take(Buffer.from('b'), 1);
    await first.sink.close();
    await log.close();
    table.error = undefined;
    const { sink } = await openSink(table);
    expect([sink.pendingRows, await sink.flush(), table.inserts]).toEqual([1, true, ['a', 'b']]);
    await sink.close();
    await log.close();
    expect(readdirSync(path)).toEqual([]);
  });

  it('knows again an insert whose end the dead process did not see', async () => {
    const table = new Table();
    const { sink } = await openSink(table);
    await sink.take(Buffer.from('a'), 1);
    await sink.take(Buffer.from('b'), 1);
    const found = await recover(path);
    // The engine has it, the log does not know: the moment between the two.
    table.tokens.add(await log.cut('words', found.tables.get('words')!.loose));
    await sink.take(Buffer.from('c'), 1);
    const left = await recover(path);
    const next = new LoggedSink({
      log,
      clickHouse: table.asClickHouse(),
      table: 'words',
      clock,
      logger: silent,
      setAside: async (name) => name,
      flushAfterMs: 1000,
      recovered: left.tables.get('words')!,
    });
    expect([await next.flush(), table.inserts]).toEqual([true, ['c']]);
  });
});
