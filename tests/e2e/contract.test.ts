import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { startTestService, type TestService } from '../support/service.ts';

let service: TestService;
let api: ReturnType<typeof apiOf>;
beforeAll(async () => {
  service = await startTestService();
  api = apiOf(service.url);
});
afterAll(() => service?.stop());

/** The endpoints that the service was asked for in the first place. */
const ENDPOINTS = [
  'GET /health',
  'GET /api/monitoring/metrics',
  'GET /api/monitoring/metrics/{metric_name}',
  'GET /api/monitoring/metrics/history/{metric_name}',
  'GET /api/monitoring/performance',
  'GET /api/monitoring/performance/service/{service_name}',
  'GET /api/monitoring/infrastructure',
  'GET /api/monitoring/infrastructure/containers',
  'GET /api/alerts',
  'POST /api/alerts',
  'GET /api/alerts/{alert_id}',
  'PUT /api/alerts/{alert_id}',
  'DELETE /api/alerts/{alert_id}',
  'GET /api/alerts/history',
  'GET /api/traces',
  'GET /api/traces/{trace_id}',
  'GET /api/traces/service/{service_name}',
  'GET /api/logs',
  'GET /api/logs/search',
  'GET /api/logs/service/{service_name}',
  'GET /api/logs/level/{log_level}',
  'POST /api/notifications/notify',
  'GET /api/notifications',
  'GET /api/notifications/preferences/{user_id}',
  'POST /api/notifications/preferences',
  'GET /api/notifications/ws/{user_id}',
];

describe('the contract', () => {
  it('publishes every endpoint that was asked for', async () => {
    const { body } = await api.get('/openapi.json');
    const published = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(published).toEqual(expect.arrayContaining(ENDPOINTS));
    expect(body.openapi).toBe('3.1.0');
  });

  it('answers every GET of it without parameters in its path with 200 and JSON', async () => {
    const plain = ENDPOINTS.filter((line) => line.startsWith('GET') && !line.includes('{')).map((line) =>
      line.slice(4),
    );
    const answers = await Promise.all(plain.map((path) => api.get(path === '/api/logs/search' ? `${path}?q=x` : path)));
    expect(answers.map(({ status }, index) => `${plain[index]} ${status}`)).toEqual(plain.map((path) => `${path} 200`));
  });

  it('reports its own health, part by part', async () => {
    const { status, body } = await api.get('/health');
    expect([status, body.status]).toEqual([200, 'ok']);
    expect(Object.keys(body.checks).sort()).toEqual([
      'alerting',
      'configuration',
      'control_store',
      'ingest',
      'notifications',
      'telemetry_store',
    ]);
  });

  it('serves its own metrics in both formats', async () => {
    const text = await api.get<string>('/metrics');
    expect(text.body).toMatch(/^# TYPE process_resident_memory_bytes gauge$/m);
    const openMetrics = await api.get<string>('/metrics', { accept: 'application/openmetrics-text; version=1.0.0' });
    expect(openMetrics.headers.get('content-type')).toContain('application/openmetrics-text');
    expect(openMetrics.body.endsWith('# EOF\n')).toBe(true);
  });
});

describe('the own host, a few seconds after the first start', () => {
  it('is charted', async () => {
    const { body } = await api.get('/api/monitoring/metrics?search=host_cpu_usage_percent');
    expect(body.system.cpu.cores).toBeGreaterThan(0);
    expect(body.system.memory.total_bytes).toBeGreaterThan(0);
    await eventually(async () => {
      const { status, body: history } = await api.get(
        '/api/monitoring/metrics/history/host_cpu_usage_percent?start=now-5m&step=5s',
      );
      expect(status).toBe(200);
      expect(history.series[0].points.length).toBeGreaterThan(0);
    });
    const infrastructure = await api.get('/api/monitoring/infrastructure');
    expect(infrastructure.body.hosts).toHaveLength(1);
  });

  it('knows no containers where there is no engine, and says why', async () => {
    const { status, body } = await api.get('/api/monitoring/infrastructure/containers');
    expect([status, body.engine.available, body.items]).toEqual([200, false, []]);
    expect(body.engine.error).toEqual(expect.any(String));
  });
});

describe('the examples of the README, with nothing configured', () => {
  it('creates the minimal alert and infers what to watch', async () => {
    const alert = {
      name: 'High CPU Usage',
      description: 'CPU usage above 90%',
      severity: 'warning',
      service: 'data-processing',
      threshold: 90,
    };
    const { status, body, headers } = await api.post('/api/alerts', alert);
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/alerts/${body.id}`);
    expect(body).toMatchObject({ ...alert, inferred: true, operator: '>' });
    expect(body.query).toContain('service_cpu_usage_percent');
    expect((await api.get('/api/alerts/history')).status).toBe(200);
  });

  it('takes a mail without a mail server, says what to set, and fills the inbox', async () => {
    const { status, body } = await api.post('/api/notifications/notify', {
      user_id: 'user123',
      type: 'email',
      channel: 'email',
      subject: 'Model Validation Complete',
      message: 'Your model has been validated successfully.',
      to: 'user123@example.com',
    });
    expect([status, body.status]).toEqual([202, 'queued']);
    const mail = body.deliveries.find((delivery: { channel: string }) => delivery.channel === 'email');
    expect(mail).toMatchObject({
      status: 'suppressed',
      reason: 'channel_not_configured',
      recipient: 'user123@example.com',
    });
    const { body: inbox } = await api.get('/api/notifications?user_id=user123');
    expect(inbox.items[0]).toMatchObject({ id: body.id, subject: 'Model Validation Complete', user_id: 'user123' });
  });

  it('stores preferences', async () => {
    const { status, body } = await api.post('/api/notifications/preferences', {
      user_id: 'user123',
      channel: 'email',
      enabled: true,
    });
    expect([status, body.channels.email.enabled]).toEqual([200, true]);
    expect((await api.get('/api/notifications/preferences/user123')).body.channels.email.enabled).toBe(true);
  });

  it('opens the WebSocket; each message is one notification', async () => {
    const socket = new WebSocket(`${service.url.replace('http', 'ws')}/api/notifications/ws/user123`);
    const frames: { type: string; subject: string; notification_type: string; seq: number }[] = [];
    socket.onmessage = (event) => frames.push(JSON.parse(event.data));
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    await api.post('/api/notifications/notify', {
      user_id: 'user123',
      type: 'validation',
      subject: 'Live',
      message: 'now',
    });
    await eventually(() => expect(frames.map((frame) => frame.subject)).toContain('Live'));
    expect(frames.at(-1)).toMatchObject({
      type: 'notification',
      notification_type: 'validation',
      seq: expect.any(Number),
    });
    socket.close();
    expect((await api.get('/api/notifications/ws/user123')).status).toBe(426);
  });
});
