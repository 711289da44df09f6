import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EmbeddedClickHouse } from './embedded-click-house.ts';
import { encodeBlock, UInt64Column } from './native-block.ts';

const path = mkdtempSync(join(tmpdir(), 'click-house-'));
let engine: EmbeddedClickHouse;

beforeAll(async () => {
  engine = await EmbeddedClickHouse.open({ path, memoryLimitBytes: 1024 ** 3 });
});

afterAll(async () => {
  await engine.close();
  rmSync(path, { recursive: true, force: true });
});

describe('insertBlock', () => {
  it('leaves no file behind', async () => {
    await engine.command('CREATE TABLE t (n UInt64) ENGINE = MergeTree ORDER BY n');
    const column = new UInt64Column();
    column.appendNumber(1);
    const block = encodeBlock({ n: column }, 1);
    await engine.insertBlock('t', block, 'good');
    await expect(engine.insertBlock('t', block.subarray(0, 5), 'broken')).rejects.toThrow();
    expect(readdirSync(join(path, 'incoming'))).toEqual([]);
  });
});

describe('opening', () => {
  it('forgets tokens of inserts that a kill took between their note and their part', async () => {
    const insert = (value: number) => {
      const column = new UInt64Column();
      column.appendNumber(value);
      return engine.insertBlock('killed', encodeBlock({ n: column }, 1), `token ${value}`);
    };
    const folderOf = async (table: string) => {
      const sql = `SELECT data_paths[1] AS folder FROM system.tables WHERE database = currentDatabase() AND name = '${table}'`;
      return (await engine.query<{ folder: string }>(sql))[0]!.folder;
    };
    await engine.command(
      'CREATE TABLE killed (n UInt64) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100',
    );
    for (const value of [1, 2, 3]) await insert(value);
    await engine.command('OPTIMIZE TABLE killed FINAL');
    for (const value of [4, 5]) await insert(value);
    const folder = await folderOf('killed');
    await engine.close();
    // As it is when the process dies after the engine noted the token of the fifth, before its part had its name.
    rmSync(join(folder, 'all_5_5_0'), { recursive: true });
    engine = await EmbeddedClickHouse.open({ path, memoryLimitBytes: 1024 ** 3 });
    // The number of the lost part is given again before the insert is repeated.
    for (const value of [6, 5, 4, 3, 2, 1]) await insert(value);
    expect(await engine.query('SELECT n, count() AS times FROM killed GROUP BY n ORDER BY n')).toEqual(
      [1, 2, 3, 4, 5, 6].map((n) => ({ n, times: 1 })),
    );
    await engine.close();
    engine = await EmbeddedClickHouse.open({ path, memoryLimitBytes: 1024 ** 3 });
    for (const value of [1, 2, 3, 4, 5, 6]) await insert(value);
    expect(await engine.query('SELECT count() AS rows FROM killed')).toEqual([{ rows: 6 }]);
  });

  it('of a second directory in one process is refused and harms nobody', async () => {
    const other = join(path, 'other');
    const opening = EmbeddedClickHouse.open({ path: other, memoryLimitBytes: 1024 ** 3 });
    await expect(opening).rejects.toThrow(`the telemetry engine cannot open ${other}`);
    expect(await engine.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
