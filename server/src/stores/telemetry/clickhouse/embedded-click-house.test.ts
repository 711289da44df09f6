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
  it('of a second directory in one process is refused and harms nobody', async () => {
    const other = join(path, 'other');
    const opening = EmbeddedClickHouse.open({ path: other, memoryLimitBytes: 1024 ** 3 });
    await expect(opening).rejects.toThrow(`the telemetry engine cannot open ${other}`);
    expect(await engine.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
