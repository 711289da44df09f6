import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../server/src/model/clock.ts';
import { recover } from '../../server/src/stores/telemetry/log/recovery.ts';
import { WriteAheadLog } from '../../server/src/stores/telemetry/log/write-ahead-log.ts';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { startTestService } from '../support/service.ts';

/** A disk of its own for the data directory, so that it can be filled. */
const disk = mkdtempSync(join(tmpdir(), 'system-service-disk-'));
const missing = mountDisk();
afterAll(() => {
  if (!missing) execFileSync('umount', ['--lazy', disk]);
  rmSync(disk, { recursive: true, force: true });
});

/** Why there is no such disk, or `undefined`; with CI=true a missing one fails. */
function mountDisk(): string | undefined {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', disk], { stdio: 'ignore' });
    return undefined;
  } catch {
    const message = 'only root may mount a disk to fill';
    if (process.env.CI === 'true') throw new Error(message);
    process.stderr.write(`SKIPPED: a full disk: ${message}\n`);
    return message;
  }
}

const free = () => {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
};
const lines = (from: number) =>
  Array.from({ length: 20 }, (_, index) => ({ service: 'disk', message: `line ${from + index}` }));

describe.skipIf(missing)('a full disk', () => {
  it('cuts off what did not fit into the write-ahead log, which goes on when there is space', async () => {
    const path = join(disk, 'log');
    const silent = { debug() {}, info() {}, warn() {}, error() {} };
    const { log } = await WriteAheadLog.open({ path, fsync: '1s', clock: systemClock, logger: silent });
    const block = Buffer.alloc(256 * 1024, 7);
    const safe = [await log.append('t', 1, block)];
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(free() - 3 * block.length));
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => log.append('t', 1, block)));
    expect(tries.some(({ status }) => status === 'rejected')).toBe(true);
    for (const outcome of tries) {
      if (outcome.status === 'fulfilled') safe.push(outcome.value);
      else expect(outcome.reason).toMatchObject({ code: 'disk_full' });
    }
    rmSync(join(disk, 'ballast'));
    safe.push(await log.append('t', 1, block));
    const { tables, damage } = await recover(path);
    expect([tables.get('t')!.loose.map(({ sequence }) => sequence), damage]).toEqual([safe, []]);
    await log.close();
    rmSync(path, { recursive: true });
  });

  it('refuses new data clearly, keeps what it has, and goes on by itself when there is space', async () => {
    const dataDir = join(disk, 'data');
    mkdirSync(dataDir);
    const service = await startTestService({ dataDir });
    onTestFinished(() => service.kill());
    const { get, post } = apiOf(service.url);
    expect((await post('/api/logs', lines(0))).status).toBe(202);

    writeFileSync(join(disk, 'ballast'), Buffer.alloc(free() - 30 * 1024 * 1024));
    await eventually(async () => {
      const { status, body } = await get('/health');
      expect([status, body.status, body.checks.ingest]).toEqual([
        503,
        'down',
        {
          status: 'down',
          detail: expect.stringMatching(/disk is full \(\d+ MiB free/),
          latency_ms: expect.any(Number),
        },
      ]);
    });
    const refused = await post('/api/logs', lines(20));
    expect([refused.status, refused.body]).toMatchObject([507, { detail: expect.stringContaining('free space') }]);
    const otlp = await fetch(`${service.url}/v1/logs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' } }] }] }] }),
    });
    expect([otlp.status, Number(otlp.headers.get('retry-after')) > 0]).toEqual([503, true]);
    // What was there before is still there and can be read.
    const found = await get('/api/logs?service=disk');
    expect([found.status, found.body.items.length]).toEqual([200, 20]);

    rmSync(join(disk, 'ballast'));
    await eventually(async () => expect((await post('/api/logs', lines(40))).status).toBe(202));
    await eventually(async () => expect((await get('/health')).body.checks.ingest.status).toBe('ok'));
    await eventually(async () => expect((await get('/api/logs?service=disk')).body.items.length).toBe(40));
    await service.stop();
  });
});
