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
import { faultRounds } from '../support/fault-rounds.ts';
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
const ROUNDS = faultRounds(2);
const lines = (from: number) =>
  Array.from({ length: 20 }, (_, index) => ({ service: 'disk', message: `line ${from + index}` }));

/** Each as often as it is stored. */
async function storedLines(url: string): Promise<string[]> {
  const query = "SELECT Body FROM otel_logs WHERE ServiceName = 'disk' ORDER BY Body";
  const { body } = await apiOf(url).post('/api/query', { language: 'sql', query });
  return (body.rows as string[][]).map(([line]) => line!);
}

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

  it(`refuses new data clearly, keeps what it has, and goes on by itself, ${ROUNDS} times`, async () => {
    const dataDir = join(disk, 'data');
    mkdirSync(dataDir);
    const ballast = join(disk, 'ballast');
    let service = await startTestService({ dataDir });
    onTestFinished(() => service.kill());
    const accepted = new Set<string>();
    const send = async (from: number) => {
      const answer = await apiOf(service.url).post('/api/logs', lines(from));
      if (answer.status === 202) for (const { message } of lines(from)) accepted.add(message);
      return answer;
    };
    expect((await send(0)).status).toBe(202);
    for (let round = 0; round < ROUNDS; round++) {
      writeFileSync(ballast, Buffer.alloc(free() - 30 * 1024 * 1024));
      // Every second time it dies while there is no space, and has to start without any.
      if (round % 2 === 1) {
        await service.kill();
        service = await startTestService({ dataDir });
      }
      const { get, post } = apiOf(service.url);
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
      const refused = await post('/api/logs', lines(-20));
      expect([refused.status, refused.body]).toMatchObject([507, { detail: expect.stringContaining('free space') }]);
      const otlp = await fetch(`${service.url}/v1/logs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ body: { stringValue: 'x' } }] }] }] }),
      });
      expect([otlp.status, Number(otlp.headers.get('retry-after')) > 0]).toEqual([503, true]);
      // What was there before is still there and can be read.
      expect(await storedLines(service.url)).toEqual([...accepted].sort());

      rmSync(ballast);
      await eventually(async () => expect((await send(20 * (round + 1))).status).toBe(202));
      await eventually(async () => expect((await get('/health')).body.checks.ingest.status).toBe('ok'));
    }
    await eventually(async () => expect(await storedLines(service.url)).toEqual([...accepted].sort()));
    expect(accepted.size).toBe(20 * (ROUNDS + 1));
    await service.stop();
  });
});
