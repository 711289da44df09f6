import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { faultRounds } from '../support/fault-rounds.ts';
import { HttpStandIn } from '../support/http-stand-in.ts';
import { startTestService } from '../support/service.ts';

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const SETTABLE_CLOCK = fileURLToPath(new URL('../support/settable-clock.ts', import.meta.url));
const HOUR = 3_600_000;
const ROUNDS = faultRounds(2);
/** Ten hours in all at most: behind twelve, samples are seen only when they are in their table. */
const STEP = Math.min(HOUR, (10 * HOUR) / ROUNDS);
const BATCH = 50;

it(`a clock set back by up to an hour loses, doubles and delays nothing, ${ROUNDS} times`, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'system-service-clock-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const file = join(dataDir, 'offset');
  let offset = 0;
  const setClock = (to: number) => {
    offset = to;
    writeFileSync(file, String(offset));
  };
  const now = () => Date.now() + offset;
  setClock(0);
  let isDown = false;
  const hook = await HttpStandIn.start(() =>
    isDown ? { status: 503, headers: { 'retry-after': '1' } } : { status: 200 },
  );
  onTestFinished(() => hook.stop());
  const start = () =>
    startTestService({
      dataDir,
      env: { CLOCK_OFFSET: file, WEBHOOK_ALLOW: `127.0.0.1:${hook.port}` },
      command: [process.execPath, '--import', SETTABLE_CLOCK, MAIN],
    });
  let service = await start();
  onTestFinished(() => service.kill());

  const accepted: string[] = [];
  const sendLogs = async () => {
    const from = accepted.length;
    const ids = Array.from({ length: BATCH }, (_, index) => String(from + index));
    const logs = ids.map((id) => ({ service: 'clock', message: id, timestamp: new Date(now()).toISOString() }));
    expect((await apiOf(service.url).post('/api/logs', logs)).status).toBe(202);
    accepted.push(...ids);
  };
  const sendSample = async (value: number) => {
    const sample = { name: 'clock_test', value, timestamp: now() / 1000 };
    expect((await apiOf(service.url).post('/api/monitoring/metrics', sample)).status).toBe(202);
  };
  const expectNewest = async (value: number) => {
    const { body } = await apiOf(service.url).get(`/api/v1/query?query=clock_test&time=${now() / 1000}`);
    expect(body.data.result.map((series: { value: unknown[] }) => series.value[1])).toEqual([String(value)]);
  };
  const notify = async (message: string) => {
    const about = { type: 'report', message, channel: 'webhook', to: `${hook.url}/${message}` };
    expect((await apiOf(service.url).post('/api/notifications/notify', about)).status).toBe(202);
  };
  const isTold = (message: string) => hook.requests.some(({ path }) => path === `/${message}`);

  const created = await apiOf(service.url).post('/api/alerts', {
    name: 'Clock',
    severity: 'warning',
    metric: 'clock_test',
    threshold: 100,
    interval: '1s',
  });
  expect(created.status).toBe(201);
  const expectState = async (state: string) => {
    const { body } = await apiOf(service.url).get(`/api/alerts/${created.body.id}`);
    expect(body.state).toBe(state);
  };

  for (let round = 1; round <= ROUNDS; round++) {
    await Promise.all([sendLogs(), sendSample(round)]);
    await eventually(() => expectNewest(round));
    // What waits to be tried again waits by the clock that is about to be set.
    isDown = true;
    await notify(`waits-${round}`);
    await eventually(() => expect(isTold(`waits-${round}`)).toBe(true));
    hook.requests.length = 0;
    setClock(offset - STEP);
    isDown = false;
    // A sender whose clock was not set, and one whose was.
    const [ahead, back] = [new Date(now() + STEP).toISOString(), new Date(now()).toISOString()];
    for (const timestamp of [ahead, back]) {
      const log = { service: 'clock', message: String(accepted.length), timestamp };
      expect((await apiOf(service.url).post('/api/logs', log)).status).toBe(202);
      accepted.push(log.message);
    }
    await Promise.all([sendLogs(), sendSample(100 + round)]);
    await eventually(() => expectNewest(100 + round));
    await eventually(async () => {
      await sendSample(100 + round);
      await expectState('firing');
    });
    await notify(`new-${round}`);
    await eventually(() => expect(isTold(`new-${round}`)).toBe(true));
    await eventually(() => expect(isTold(`waits-${round}`)).toBe(true), 60_000);
    if (round % 2 === 0) {
      await service.kill();
      service = await start();
    }
    await eventually(async () => {
      await sendSample(round);
      await expectState('inactive');
    });
  }

  const query = "SELECT Body, count() FROM otel_logs WHERE ServiceName = 'clock' GROUP BY Body";
  const { body } = await apiOf(service.url).post('/api/query', { language: 'sql', query });
  const times = new Map<string, number>(body.rows);
  expect(accepted.filter((id) => times.get(id) !== 1)).toEqual([]);
  expect(times.size).toBe(accepted.length);
  await service.stop();
});
