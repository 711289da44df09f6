import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Load, startLoad } from '../../examples/espice-stack/src/load.ts';
import { type Stack, startStack } from '../../examples/espice-stack/src/stack.ts';
import { apiOf } from '../support/api.ts';
import { accessibilityFaults, findChromium, startBrowser, visit } from '../support/browser.ts';
import { buildConsole } from '../support/console-build.ts';
import { eventually } from '../support/eventually.ts';
import { type MailServer, startMailServer } from '../support/mail-server.ts';
import { startTestService, type TestService } from '../support/service.ts';

const SERVICES = ['data-processing', 'gateway', 'model-validation', 'simulation', 'user-management'];
const MINUTES = 60_000;
const chromium = findChromium();

let mail: MailServer;
let service: TestService;
let stack: Stack;
let load: Load;
let socket: WebSocket;
let api: ReturnType<typeof apiOf>;
let alertId: string;
const frames: { type: string; alert_id: string; severity: string }[] = [];

beforeAll(async () => {
  mail = await startMailServer();
  const env = {
    SMTP_URL: mail.url,
    SMTP_FROM: 'alerts@example.org',
    ALERT_EMAIL_TO: 'ops@example.org',
    ALERT_USERS: 'local',
  };
  service = await startTestService({ env });
  api = apiOf(service.url);
  stack = await startStack(service.url, 'demo');
  load = startLoad(stack.ports.gateway, 8);
  // The rate that the alert watches needs a minute: it goes by while the rest is looked at.
  const { body: alert } = await api.post('/api/alerts', {
    name: 'High CPU Usage',
    description: 'CPU usage above 90%',
    severity: 'warning',
    service: 'data-processing',
    threshold: 90,
  });
  alertId = alert.id;
  socket = new WebSocket(`${service.url.replace('http', 'ws')}/api/notifications/ws/local`);
  socket.onmessage = (event) => frames.push(JSON.parse(event.data));
  await stack.setFault('data-processing', 'cpu', true);
});
afterAll(async () => {
  socket?.close();
  load?.stop();
  await stack?.stop();
  await service?.stop();
  await mail?.close();
});

describe('the ESpice stack, instrumented with OpenTelemetry', () => {
  it('is seen service by service, with what each depends on', async () => {
    await eventually(async () => {
      const { body } = await api.get('/api/monitoring/performance?environment=demo');
      const seen = body.items.filter((item: { requests_per_second: number }) => item.requests_per_second > 0);
      expect(seen.map((item: { service: string }) => item.service).sort()).toEqual(SERVICES);
    }, MINUTES);
    await eventually(async () => {
      const { status, body } = await api.get('/api/monitoring/performance/service/data-processing');
      expect([status, body.service]).toEqual([200, 'data-processing']);
      expect(body.latency_ms.p95).toBeGreaterThan(0);
      expect(body.operations.map((operation: { operation: string }) => operation.operation)).toContain(
        'POST /netlists',
      );
      expect(body.dependencies.upstream).toContainEqual(expect.objectContaining({ name: 'gateway' }));
      expect(body.series.cpu_percent.length).toBeGreaterThan(0);
    }, MINUTES);
  });

  it('shows a request through all services as one trace, with its logs', async () => {
    const trace = await eventually(async () => {
      const { body } = await api.get('/api/traces?service=gateway&operation=POST%20%2Fsimulations&limit=50');
      const whole = body.items.find((item: { services: string[] }) => item.services.length === SERVICES.length);
      expect(whole).toBeDefined();
      return whole;
    }, MINUTES);
    expect(trace).toMatchObject({ root_service: 'gateway' });
    // Spans and logs travel in batches of their own.
    const body = await eventually(async () => {
      const { body: whole } = await api.get(`/api/traces/${trace.trace_id}`);
      expect(whole.logs.map((record: { message: string }) => record.message)).toContain('netlist parsed');
      return whole;
    }, MINUTES);
    const names = body.spans.map((span: { name: string }) => span.name);
    expect(names).toEqual(
      expect.arrayContaining(['SELECT users', 'parse netlist', 'send simulations', 'process simulations']),
    );
    const ids = new Set(body.spans.map((span: { span_id: string }) => span.span_id));
    const roots = body.spans.filter(
      (span: { parent_span_id: string | null }) => !span.parent_span_id || !ids.has(span.parent_span_id),
    );
    expect(roots).toHaveLength(1);
  });

  it(
    'fires the alert of the README on real load, by mail and live',
    async () => {
      await eventually(
        async () => {
          const { body } = await api.get(`/api/alerts/${alertId}`);
          expect(body).toMatchObject({ state: 'firing', health: 'ok' });
        },
        4 * MINUTES,
        1000,
      );
      await stack.setFault('data-processing', 'cpu', false);
      await eventually(
        () => expect(mail.mails.map(({ subject }) => subject)).toEqual([expect.stringContaining('High CPU Usage')]),
        MINUTES,
      );
      await eventually(
        () => expect(frames).toContainEqual(expect.objectContaining({ type: 'notification', alert_id: alertId })),
        MINUTES,
      );
    },
    10 * MINUTES,
  );

  // It goes on while the alert resolves.
  it.skipIf(chromium === undefined)(
    'is shown on every page of the console, without an error or a serious barrier',
    async () => {
      buildConsole();
      const browser = await startBrowser(chromium!);
      const { page, problems } = await visit(browser, service.url);
      const [trace] = (await api.get('/api/traces?service=gateway&status=ok&limit=1')).body.items;
      const [alert] = (await api.get('/api/alerts')).body.items;
      const pages: [path: string, text: string | RegExp][] = [
        ['/', 'data-processing'],
        ['/services', 'user-management'],
        ['/services/data-processing', 'POST /netlists'],
        ['/traces?service=gateway', 'POST /simulations'],
        [`/traces/${trace.trace_id}`, /gateway/],
        ['/logs?q=netlist', 'netlist parsed'],
        ['/explore?metric=service_cpu_usage_percent', /service_cpu_usage_percent/],
        ['/alerts', 'High CPU Usage'],
        ['/alerts/history', /High CPU Usage/],
        [`/alerts/${alert.id}`, /service_cpu_usage_percent/],
        ['/notifications', /High CPU Usage/],
        ['/notifications/history', /High CPU Usage/],
        ['/get-started', /OTEL_EXPORTER_OTLP_ENDPOINT/],
      ];
      try {
        for (const [path, text] of pages) {
          await page.goto(path);
          await page.getByRole('main').getByText(text).filter({ visible: true }).first().waitFor();
          expect([path, await accessibilityFaults(page)]).toEqual([path, []]);
        }
        expect(problems).toEqual([]);
      } finally {
        await browser.close();
      }
    },
  );

  it(
    'resolves the alert when the load is over',
    async () => {
      await eventually(
        async () => {
          const { body } = await api.get(`/api/alerts/history?alert_id=${alertId}`);
          expect(body.items[0]).toMatchObject({ state: 'resolved', service: 'data-processing' });
          const deliveries = body.items[0].notifications.filter(
            (delivery: { channel: string }) => delivery.channel === 'email',
          );
          expect(deliveries.map((delivery: { status: string }) => delivery.status)).toEqual(['sent', 'sent']);
          expect(body.items[0].peak_value).toBeGreaterThan(90);
        },
        4 * MINUTES,
        1000,
      );
      expect(mail.mails).toHaveLength(2);
    },
    10 * MINUTES,
  );
});
