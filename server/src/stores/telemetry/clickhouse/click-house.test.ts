import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClickHouseServer } from '../../../../../tests/support/click-house-server.ts';
import { eventually } from '../../../../../tests/support/eventually.ts';
import { silentLogger } from '../../../../../tests/support/telemetry-store.ts';
import type { ClickHouseEngine } from '../click-house.ts';
import { EmbeddedClickHouse } from './embedded-click-house.ts';
import { encodeBlock, UInt64Column } from './native-block.ts';
import { UrlClickHouse } from './url-click-house.ts';

const ENDLESS = 'SELECT sum(sipHash64(number)) FROM numbers(1000000000000)';
const path = mkdtempSync(join(tmpdir(), 'click-house-'));
let server: ClickHouseServer;
let engine: ClickHouseEngine;

afterAll(() => rmSync(path, { recursive: true, force: true }));

const ENGINES = [
  {
    name: 'embedded',
    open: () => EmbeddedClickHouse.open({ path, memoryLimitBytes: 1024 ** 3, seconds: { user: 2 } }),
    alerting: 1,
    interactive: 3,
  },
  {
    name: 'by URL',
    open: async () => {
      server ??= await ClickHouseServer.start();
      return await UrlClickHouse.open({ address: server.address, logger: silentLogger, seconds: { user: 2 } });
    },
    alerting: 2,
    interactive: 8,
  },
];

function numbers(...values: readonly number[]): Uint8Array {
  const column = new UInt64Column();
  for (const value of values) column.appendNumber(value);
  return encodeBlock({ n: column }, values.length);
}

async function isIdle(): Promise<void> {
  await eventually(() => {
    const busy = Object.entries(engine.pools).filter(([name, pool]) => name !== 'control' && pool.running > 0);
    if (busy.length > 0) throw new Error(`still running: ${JSON.stringify(busy)}`);
  }, 10_000);
}

/** What the engine works on beside this question. */
async function inTheEngine(): Promise<number> {
  const [row] = await engine.query<{ count: number }>('SELECT count() AS count FROM system.processes', {
    pool: 'alerting',
  });
  return row!.count - 1;
}

describe.each(ENGINES)('ClickHouse $name', ({ open, alerting, interactive }) => {
  beforeAll(async () => {
    engine = await open();
  });

  afterAll(async () => {
    await engine.close();
    await server?.stop();
  });

  describe('queries', () => {
    it('give JavaScript values', async () => {
      const [row] = await engine.query(`SELECT
      toUInt64(9007199254740991) AS safe, toUInt64(18446744073709551615) AS large, toInt64(-5) AS negative,
      CAST(7, 'Nullable(UInt64)') AS nullable, CAST(NULL, 'Nullable(UInt64)') AS none, [toUInt64(1)] AS list,
      map('a', toUInt64(2)) AS map, CAST((1, 'x'), 'Tuple(n UInt64, s String)') AS named, nan AS nan, -inf AS low,
      'ü\\n"' AS text, toDateTime64('2026-01-02 03:04:05.123456789', 9, 'UTC') AS time, true AS yes`);
      expect(row).toEqual({
        safe: 9007199254740991,
        large: '18446744073709551615',
        negative: -5,
        nullable: 7,
        none: null,
        list: [1],
        map: { a: 2 },
        named: { n: 1, s: 'x' },
        nan: Number.NaN,
        low: Number.NEGATIVE_INFINITY,
        text: 'ü\n"',
        time: '2026-01-02 03:04:05.123456789',
        yes: true,
      });
    });

    it('bind parameters, many at a time', async () => {
      const texts = Array.from({ length: 40 }, (_, index) => `value ${index} ' \\ {x:String}`);
      const answers = await Promise.all(
        texts.map((text) => engine.query<{ text: string }>('SELECT {text:String} AS text', { parameters: { text } })),
      );
      expect(answers.map(([row]) => row!.text)).toEqual(texts);
    });

    it('give the bytes of a format', async () => {
      const bytes = await engine.queryBytes('SELECT toUInt32(1) UNION ALL SELECT toUInt32(1) FORMAT RowBinary');
      expect([...bytes]).toEqual([1, 0, 0, 0, 1, 0, 0, 0]);
      expect((await engine.queryBytes('SELECT number FROM numbers(0) FORMAT RowBinary')).byteLength).toBe(0);
    });

    it('keep their settings to themselves', async () => {
      const sql = "SELECT value FROM system.settings WHERE name = 'max_block_size'";
      const before = await engine.query(sql, { pool: 'alerting' });
      const during = await engine.query(`${sql} SETTINGS max_block_size = 77`, { pool: 'alerting' });
      expect(during).toEqual([{ value: '77' }]);
      expect(await engine.query(sql, { pool: 'alerting' })).toEqual(before);
    });

    it('keep the remains of a failed one to themselves', async () => {
      for (let round = 0; round < 5; round++) {
        const failed = engine.query('SELECT throwIf(number = 150000), number FROM numbers(200000)', {
          pool: 'alerting',
        });
        await expect(failed).rejects.toMatchObject({ code: 'unavailable' });
        expect(await engine.query('SELECT 1 AS one', { pool: 'alerting' })).toEqual([{ one: 1 }]);
      }
    });

    it('never tell their SQL', async () => {
      const failed = engine.query("SELECT secret_column FROM system.one WHERE dummy = 'hush'");
      await expect(failed).rejects.toMatchObject({ name: 'ServiceError', code: 'unavailable' });
      await expect(failed).rejects.toThrow(/^the telemetry store could not do this$/);
    });
  });

  describe('cancellation', () => {
    it('rejects at once and ends the query soon after', async () => {
      const controller = new AbortController();
      const query = engine.query(ENDLESS, { signal: controller.signal });
      await eventually(() => expect(engine.pools.interactive.running).toBe(1), 5000, 5);
      controller.abort(new Error('the client left'));
      await expect(query).rejects.toThrow('the client left');
      await isIdle();
      expect(await inTheEngine()).toBe(0);
    });

    it('takes a waiting query out of the queue', async () => {
      const first = new AbortController();
      const second = new AbortController();
      const running = Array.from({ length: alerting }, () =>
        engine.query(ENDLESS, { pool: 'alerting', signal: first.signal }),
      );
      const settled = Promise.allSettled(running);
      const waiting = engine.query('SELECT 1', { pool: 'alerting', signal: second.signal });
      expect(engine.pools.alerting).toMatchObject({ running: alerting, waiting: 1 });
      second.abort();
      await expect(waiting).rejects.toThrow();
      expect(engine.pools.alerting.waiting).toBe(0);
      first.abort();
      expect((await settled).map(({ status }) => status)).toEqual(running.map(() => 'rejected'));
      await isIdle();
    });

    it('does not start what is cancelled already', async () => {
      await expect(engine.query('SELECT 1', { signal: AbortSignal.abort() })).rejects.toThrow();
    });

    it('leaves alerting free while users wait', async () => {
      const controller = new AbortController();
      const slow = Array.from({ length: interactive + 3 }, () => engine.query(ENDLESS, { signal: controller.signal }));
      const settled = Promise.allSettled(slow);
      expect(await engine.query('SELECT 1 AS one', { pool: 'alerting' })).toEqual([{ one: 1 }]);
      controller.abort();
      await settled;
      await isIdle();
    });

    it('says that a query took too long', async () => {
      const slow = engine.query(`${ENDLESS} SETTINGS max_execution_time = 1`);
      await expect(slow).rejects.toMatchObject({ code: 'query_timeout' });
    });
  });

  describe('insertBlock', () => {
    const count = async () =>
      (
        await engine.query<{ rows: number; seen: number }>(
          'SELECT (SELECT count() FROM t) AS rows, (SELECT sum(c) FROM v) AS seen',
        )
      )[0];

    beforeAll(async () => {
      await engine.command(
        'CREATE TABLE t (n UInt64) ENGINE = MergeTree PARTITION BY n % 3 ORDER BY n SETTINGS non_replicated_deduplication_window = 10',
      );
      await engine.command(
        'CREATE TABLE v (c UInt64) ENGINE = MergeTree ORDER BY c SETTINGS non_replicated_deduplication_window = 10',
      );
      await engine.command('CREATE MATERIALIZED VIEW m TO v AS SELECT count() AS c FROM t');
    });

    it('stores a block once for a token, its views too', async () => {
      await engine.insertBlock('t', numbers(1, 2, 3), 'first');
      await engine.insertBlock('t', numbers(1, 2, 3), 'first');
      expect(await count()).toEqual({ rows: 3, seen: 3 });
      await engine.insertBlock('t', numbers(1, 2, 3), 'second');
      expect(await count()).toEqual({ rows: 6, seen: 6 });
    });

    it('keeps a token to its insert', async () => {
      const before = await count();
      await engine.command('INSERT INTO t SELECT number FROM numbers(3)');
      await engine.command('INSERT INTO t SELECT number FROM numbers(3)');
      expect((await count())!.rows).toBe(before!.rows + 6);
    });

    it('refuses a broken block and stores nothing of it', async () => {
      const before = await count();
      await expect(engine.insertBlock('t', numbers(1, 2, 3).subarray(0, 20), 'broken')).rejects.toMatchObject({
        code: 'unavailable',
      });
      expect(await count()).toEqual(before);
    });
  });

  describe("a user's SQL", () => {
    const refused = (sql: string, message: RegExp = /./) =>
      expect(engine.queryUser(sql), sql).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringMatching(message),
      });

    it('answers columns, rows and what it read', async () => {
      const answer = await engine.queryUser('SELECT number AS n, toString(number) AS s FROM numbers(2);');
      expect(answer.columns).toEqual([
        { name: 'n', type: 'UInt64' },
        { name: 's', type: 'String' },
      ]);
      expect(answer.rows).toEqual([
        [0, '0'],
        [1, '1'],
      ]);
      expect(answer).toMatchObject({ rowsRead: 2, bytesRead: 16 });
      expect(answer.elapsedMs).toBeGreaterThan(0);
    });

    it('reads no files and calls nobody', async () => {
      const file = join(path, 'secret.csv');
      writeFileSync(file, 'a\n1\n');
      for (const sql of [
        `SELECT * FROM file('${file}', 'CSV')`,
        `SELECT * FROM default.\`${file}\``,
        `SELECT * FROM \`${file}\``,
        `SELECT file('${file}')`,
        "SELECT * FROM url('http://127.0.0.1:9/x', 'CSV')",
        "SELECT * FROM s3('http://127.0.0.1:9/bucket/key', 'a', 'b', 'CSV')",
        "SELECT * FROM remote('127.0.0.1', system.one)",
        "SELECT * FROM mysql('127.0.0.1:9', 'a', 'b', 'c', 'd')",
        "SELECT * FROM sqlite('/tmp/a', 'b')",
        "SELECT * FROM executable('a.sh', 'CSV', 'a String')",
      ]) {
        await refused(sql);
      }
    });

    it('writes nothing', async () => {
      const out = join(path, 'out.csv');
      await refused(`SELECT 1 INTO OUTFILE '${out}'`);
      expect(existsSync(out)).toBe(false);
      await refused('DROP TABLE t', /only read/);
      await refused('SELECT 1; DROP TABLE t', /one statement/);
      await refused('EXPLAIN AST DROP TABLE t SETTINGS readonly = 0', /SETTINGS/);
    });

    it('is limited in time, rows and memory, and cannot raise that', async () => {
      await expect(engine.queryUser(ENDLESS)).rejects.toMatchObject({ code: 'query_timeout' });
      await refused('SELECT * FROM numbers(10001)', /too large/);
      await refused("SELECT groupArray(repeat('x', 1000000) || toString(number)) FROM numbers(100000)", /memory/);
      await refused('SELECT 1 SETTINGS max_result_rows = 0', /SETTINGS/);
      expect((await engine.queryUser('SELECT 1')).rows).toEqual([[1]]);
    });

    it('gets the mistake told as the engine sees it', async () => {
      await refused('SELECT nope FROM otel_nothing', /otel_nothing/);
      await refused('SELECT 1 +', /at position 11 \(end of query\)$/);
    });
  });

  describe('closing', () => {
    it('ends what runs and lets the directory be opened again', async () => {
      const query = engine.query(ENDLESS).catch((error: unknown) => error);
      await eventually(() => expect(engine.pools.interactive.running).toBe(1), 5000, 5);
      await engine.close();
      expect(await query).toMatchObject({ code: 'unavailable' });
      await expect(engine.query('SELECT 1')).rejects.toMatchObject({ code: 'unavailable' });
      engine = await open();
      expect((await engine.query('SELECT count() AS rows FROM t'))[0]).toEqual({ rows: 12 });
    });
  });
});
