import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { systemClock } from '../../model/clock.ts';
import { createPromqlEngine } from '../../query/promql/index.ts';
import { rehearseAlerts } from './rehearse-alerts.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const engine = createPromqlEngine({
  source: {
    select: () => {
      throw new Error('a rehearsal reads no metrics');
    },
  },
  clock: systemClock,
});

it('posts alerts and hears of them, and leaves nothing behind, not even what a killed one has left', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  mkdirSync(join(dataDir, 'warm-up'));
  writeFileSync(join(dataDir, 'warm-up', 'control.db'), 'half a database');
  await rehearseAlerts({ dataDir, engine, clock: systemClock, logger: silent })(new AbortController().signal);
  expect(readdirSync(dataDir)).toEqual([]);
});

it('ends when told to, and leaves nothing behind then either', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'rehearsal-'));
  const stopped = new AbortController();
  const running = rehearseAlerts({ dataDir, engine, clock: systemClock, logger: silent })(stopped.signal);
  await expect.poll(() => existsSync(join(dataDir, 'warm-up', 'control.db-wal'))).toBe(true);
  stopped.abort();
  await running.catch(() => undefined);
  expect(readdirSync(dataDir)).toEqual([]);
});
