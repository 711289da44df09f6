import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { startTestService, type TestService } from '../support/service.ts';

let service: TestService;
let api: ReturnType<typeof apiOf>;
beforeAll(async () => {
  service = await startTestService();
  api = apiOf(service.url);
});
afterAll(() => service?.stop());

const protobuf = { 'content-type': 'application/x-protobuf' };
const pathsOf = (body: { errors: { path: string }[] }) => body.errors.map((error) => error.path).sort();

describe('bad input', () => {
  it.each([
    '/api/alerts',
    '/api/logs',
    '/api/monitoring/metrics',
    '/api/notifications/notify',
    '/api/notifications/preferences',
    '/api/query',
  ])('malformed JSON at %s is 400 problem+json', async (path) => {
    const { status, body, headers } = await api.post(path, '{"name": "x"');
    expect([status, body.status]).toEqual([400, 400]);
    expect(headers.get('content-type')).toContain('application/problem+json');
  });

  it('names every wrong and every unknown field of an alert', async () => {
    const { status, body } = await api.post('/api/alerts', {
      name: 5,
      severity: 'bad',
      treshold: 3,
      operator: '~',
      for: 'soon',
      color: 'red',
    });
    expect(status).toBe(422);
    expect(pathsOf(body)).toEqual(['color', 'for', 'name', 'operator', 'severity', 'treshold']);
    expect((await api.get('/api/alerts')).body.items).toEqual([]);
  });

  it('names every wrong item of a batch and stores none of it', async () => {
    const metrics = await api.post('/api/monitoring/metrics', [
      { name: 'good_metric', value: 1 },
      { name: '1bad', value: 1 },
      { name: 'good', value: 'x' },
    ]);
    expect(metrics.status).toBe(422);
    expect(pathsOf(metrics.body).map((path) => path.match(/\d+/)?.[0])).toEqual(['1', '2']);
    expect((await api.get('/api/monitoring/metrics/good_metric')).status).toBe(404);
    const logs = await api.post('/api/logs', [
      { message: 'partly-stored-marker' },
      { message: 5 },
      { level: 'loud', message: 'x' },
    ]);
    expect(logs.status).toBe(422);
    expect((await api.get('/api/logs/search?q=%22partly-stored-marker%22')).body.items).toEqual([]);
  });

  it('names the known levels for an unknown one', async () => {
    const { status, body } = await api.get('/api/logs/level/loud');
    expect(status).toBe(422);
    expect(body.detail).toMatch(/trace.*debug.*info.*warn.*error.*fatal/);
  });

  it.each([
    ['/api/alerts/0199d4a0-0000-7000-8000-000000000000', 404],
    ['/api/traces/0123456789abcdef0123456789abcdef', 404],
    ['/api/traces/xyz', 422],
    ['/api/monitoring/metrics/no_such_metric', 404],
    ['/api/monitoring/performance/service/no-such-service', 404],
    ['/api/notifications/0199d4a0-0000-7000-8000-000000000000', 404],
    ['/api/nothing', 404],
    ['/api/logs?limt=5', 422],
    ['/api/logs?limit=100000', 422],
    ['/api/traces?start=now&end=now-1h', 422],
    ['/api/logs/search?q=%22open', 422],
  ])('%s answers %i', async (path, expected) => {
    const { status, body } = await api.get(path);
    expect([status, body.status]).toEqual([expected, expected]);
  });

  it.each(['/v1/traces', '/v1/metrics', '/v1/logs'])(
    'broken protobuf at %s is 400 and stores nothing',
    async (path) => {
      const { status } = await api.post(path, Buffer.from('0affffffff0f0102', 'hex'), protobuf);
      expect(status).toBe(400);
    },
  );

  it('a truncated gzip stream is 400', async () => {
    const whole = gzipSync(JSON.stringify([{ message: 'truncated-marker' }]));
    const headers = { 'content-encoding': 'gzip', 'content-type': 'application/json' };
    expect((await api.post('/api/logs', whole.subarray(0, -4), headers)).status).toBe(400);
    expect(
      (await api.post('/v1/logs', whole.subarray(0, -4), { ...protobuf, 'content-encoding': 'gzip' })).status,
    ).toBe(400);
  });

  it('a body of 100 MB is refused, plain and as a bomb', async () => {
    const large = Buffer.alloc(100_000_000, 32);
    const plain = await api.post('/api/logs', large).catch((error: Error) => error);
    // The server closes while the client still sends: a client that does not read early sees a broken pipe instead.
    if (!(plain instanceof Error)) expect(plain.status).toBe(413);
    const bomb = await api.post('/api/logs', gzipSync(large), {
      'content-encoding': 'gzip',
      'content-type': 'application/json',
    });
    expect(bomb.status).toBe(413);
    const otlp = await api.post('/v1/traces', gzipSync(large), { ...protobuf, 'content-encoding': 'gzip' });
    expect(otlp.status).toBe(413);
  });

  it('refuses to write or leave the database by SQL', async () => {
    const refused = [
      'DROP TABLE otel_logs',
      "SELECT * FROM file('/etc/passwd', 'LineAsString')",
      'INSERT INTO otel_logs (Body) VALUES (1)',
      'SELECT 1 SETTINGS readonly = 0',
      'SELEC 1',
    ];
    for (const query of refused) {
      const { status, body } = await api.post('/api/query', { language: 'sql', query });
      expect([query, status, body.status]).toEqual([query, 422, 422]);
    }
    const answer = await api.post('/api/query', { language: 'sql', query: 'SELECT 40 + 2 AS answer' });
    expect([answer.status, answer.body.rows]).toEqual([200, [[42]]]);
  });

  it('leaves the service unharmed', async () => {
    const { body } = await api.get('/health');
    expect(body.status).toBe('ok');
  });
});
