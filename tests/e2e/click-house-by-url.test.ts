import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { apiOf } from '../support/api.ts';
import { ClickHouseServer } from '../support/click-house-server.ts';
import { eventually } from '../support/eventually.ts';
import { sendTrace } from '../support/sample-signals.ts';
import { testCertificates } from '../support/self-signed-certificate.ts';
import { startTestService, type TestService } from '../support/service.ts';

const { authority, ...tls } = testCertificates();
let server: ClickHouseServer;
let service: TestService;

/** The service holds nothing itself: a new one with an empty data directory has all of it. */
const start = () =>
  startTestService({ env: { CLICKHOUSE_URL: server.url('monitoring'), CLICKHOUSE_CA: authority, LOG_LEVEL: 'info' } });

beforeAll(async () => {
  server = await ClickHouseServer.start({ tls });
  service = await start();
});

afterAll(async () => {
  await service?.stop();
  await server?.stop();
});

const api = () => apiOf(service.url);
const countLogs = async (): Promise<number> => {
  const query = "SELECT count() FROM otel_logs WHERE ServiceName = 'gateway'";
  const { body } = await api().post('/api/query', { language: 'sql', query });
  return body.rows[0][0];
};
const sendLog = (message: string) => api().post('/api/logs', { service: 'gateway', message });

describe('the service over a ClickHouse by URL', () => {
  it('stores all signals there before it acknowledges them, and answers from there', async () => {
    expect((await sendLog('first')).status).toBe(202);
    expect(await countLogs()).toBe(1);
    const traceId = await sendTrace(api(), [
      { name: 'GET /', service: 'gateway', startMs: 0, durationMs: 20 },
      { name: 'SELECT', service: 'gateway', parent: 0, kind: 'client', startMs: 5, durationMs: 10 },
    ]);
    const { body: trace } = await api().get(`/api/traces/${traceId}`);
    expect(trace.spans).toHaveLength(2);
    const sample = { name: 'orders_open', value: 7, labels: { shop: 'north' } };
    expect((await api().post('/api/monitoring/metrics', sample)).status).toBe(202);
    const { body: metric } = await api().get('/api/monitoring/metrics/orders_open');
    expect(metric.series).toMatchObject([{ labels: { shop: 'north' }, value: 7 }]);
    const { body: found } = await api().get('/api/logs/search?q=first');
    expect(found.items).toMatchObject([{ message: 'first' }]);
    const { body: performance } = await api().get('/api/monitoring/performance/service/gateway');
    expect(performance).toMatchObject({ service: 'gateway' });
  });

  it('stores once what was sent over a connection that broke', async () => {
    await server.arm({ on: 'INSERT INTO `otel_logs`', do: 'drop-after' });
    expect((await sendLog('second')).status).toBe(202);
    await server.arm({ on: 'INSERT INTO `otel_logs`', do: 'drop' });
    expect((await sendLog('third')).status).toBe(202);
    expect(await countLogs()).toBe(3);
  });

  it('answers 503 while the server is away, and goes on by itself when it is back', async () => {
    await server.kill();
    const refused = await sendLog('lost');
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await api().get('/health')).status).toBe(503);
    expect((await api().get('/api/logs')).status).toBe(503);
    await server.restart();
    await eventually(async () => expect((await api().get('/health')).status).toBe(200));
    expect((await sendLog('fourth')).status).toBe(202);
    const { body } = await api().get('/api/logs/search?q=lost%20OR%20fourth');
    expect(body.items.map((item: { message: string }) => item.message)).toEqual(['fourth']);
  });

  it('never tells the password', () => {
    expect(service.output()).not.toContain(server.password);
    expect(service.output()).not.toContain(encodeURIComponent(server.password));
  });

  it('finds everything again from a new data directory', async () => {
    await service.stop();
    service = await start();
    expect(await countLogs()).toBe(4);
    const { body: metric } = await api().get('/api/monitoring/metrics/orders_open');
    expect(metric.series).toMatchObject([{ labels: { shop: 'north' }, value: 7 }]);
  });

  it('says at the start what is wrong, without the password', async () => {
    const url = server.url().replace(encodeURIComponent(server.password), 'wrong-password');
    const started = startTestService({ env: { CLICKHOUSE_URL: url, CLICKHOUSE_CA: authority } });
    await expect(started).rejects.toThrow(
      /ended with 2 before it was ready:[\s\S]*refuses the user monitoring or its password/,
    );
    await expect(started).rejects.not.toThrow(/wrong-password/);
  });
});

describe('the service over a ClickHouse by URL, with a log of its own', () => {
  it('takes data while the server is away, and delivers them once it is back', async () => {
    const other = await ClickHouseServer.start();
    onTestFinished(() => other.stop());
    const logged = await startTestService({ env: { CLICKHOUSE_URL: other.url(), INGEST_ACKNOWLEDGE: 'log' } });
    onTestFinished(async () => void (await logged.stop()));
    const send = (message: string) => apiOf(logged.url).post('/api/logs', { service: 'gateway', message });
    expect((await send('before')).status).toBe(202);
    await other.kill();
    for (const message of ['one', 'two', 'three']) expect((await send(message)).status).toBe(202);
    await other.restart();
    await eventually(async () => {
      const { body } = await apiOf(logged.url).get('/api/logs?service=gateway');
      const messages = body.items.map((item: { message: string }) => item.message);
      expect(messages.sort()).toEqual(['before', 'one', 'three', 'two']);
    });
  });
});
