import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../../../../tests/support/eventually.ts';
import { systemClock } from '../../../model/clock.ts';
import { ServiceError } from '../../../model/errors.ts';
import type { ClickHouse } from '../click-house.ts';
import { LoggedTables } from './logged-tables.ts';

const MIB = 1024 * 1024;

it('takes nothing more when a table that takes no rows has made the log too long, and goes on by itself', async () => {
  const path = mkdtempSync(join(tmpdir(), 'logged-tables-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  let failure: Error | undefined = new ServiceError('query_timeout', 'too slow');
  const clickHouse = {
    query: async () => [],
    insertBlock: async (table: string) => {
      if (table === 'stuck' && failure) throw failure;
    },
  } as unknown as ClickHouse;
  const tables = await LoggedTables.open({
    path,
    fsync: '1s',
    clickHouse,
    clock: systemClock,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    reserveBytes: 0,
    mostLogBytes: 100 * MIB,
  });
  onTestFinished(() => tables.close());
  const block = Buffer.alloc(MIB, 1);
  const take = () => tables.sink('works').take(block, 1);
  await tables.sink('stuck').take(block, 1);
  await eventually(() => expect(tables.stats.failures).toHaveProperty('stuck'));
  for (let blocks = 1; blocks < 99; blocks++) await take();
  await take().catch(() => undefined);
  await take().catch(() => undefined);
  await expect(take()).rejects.toMatchObject({ code: 'overloaded', message: expect.stringContaining('stuck take no') });
  expect(tables.stats.log.bytes).toBeLessThan(102 * MIB);
  failure = undefined;
  await eventually(take);
  await eventually(() => expect(tables.stats.log.bytes).toBeLessThan(65 * MIB));
});
