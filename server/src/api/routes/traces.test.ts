import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logOf } from '../../../../tests/support/log-builder.ts';
import { type SpanWords, spanOf } from '../../../../tests/support/span-builder.ts';
import { openTestTelemetryStore, silentLogger } from '../../../../tests/support/telemetry-store.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { createHttpServer } from '../../http/index.ts';
import { ClickHouseLogStore, ClickHouseTraceStore, type TelemetryStore } from '../../stores/telemetry/index.ts';
import type { TraceDetail, TraceList } from '../contract/traces.ts';
import { traceRoutes } from './traces.ts';

const NOW = Date.UTC(2026, 0, 5, 12);
const TRACE = '5b8efff798038103d269b633813fc60c';
const SHORT = '00f067aa0ba902b7';
const clock = new VirtualClock(NOW);
const span = (number: number) => number.toString(16).padStart(16, '0');

let store: TelemetryStore;
let app: FastifyInstance;

beforeAll(async () => {
  store = await openTestTelemetryStore();
  const traces = new ClickHouseTraceStore(store.clickHouse);
  const logs = new ClickHouseLogStore(store.clickHouse);
  app = await createHttpServer({
    routes: traceRoutes({ traces, logs, clock }),
    guards: {
      authenticator: { open: true, authenticate: async () => undefined },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger: silentLogger,
    trustProxy: false,
    checkAnswers: true,
  });
  const at = NOW - 60_000;
  const spans: SpanWords[] = [
    {
      traceId: TRACE,
      spanId: span(1),
      at,
      ms: 100,
      name: 'POST /orders',
      service: 'espice/gateway',
      environment: 'production',
    },
    {
      traceId: TRACE,
      spanId: span(2),
      parentSpanId: span(1),
      at: at + 10,
      ms: 60.5,
      name: 'charge',
      kind: 'Client',
      service: 'payments',
      status: 'Error',
      statusMessage: 'declined',
      attributes: { 'http.response.status_code': '402' },
      events: [
        { timeUnixNano: BigInt(at + 20) * 1_000_000n, name: 'exception', attributes: { 'exception.type': 'Declined' } },
      ],
      links: [{ traceId: '1'.repeat(32), spanId: span(9), traceState: 'a=b', attributes: {} }],
      traceState: 'c=d',
      flags: 0x301,
      resourceSchemaUrl: 'https://example.org/schemas/1.0',
      scopeName: 'lib',
      scopeVersion: '1.2',
      scopeAttributes: { team: 'checkout' },
      scopeSchemaUrl: 'https://example.org/schemas/1.1',
    },
    { traceId: TRACE, spanId: span(3), parentSpanId: span(1), at: at + 20, ms: 20, name: 'log', service: 'audit' },
    { traceId: SHORT.padStart(32, '0'), spanId: span(4), at: at + 1000, ms: 5, service: 'audit' },
  ];
  await store.writeSpans(spans.map(spanOf));
  await store.writeLogs([
    logOf({ at: at + 30, body: 'declined', traceId: TRACE, spanId: span(2), service: 'payments' }),
    logOf({ at: at - 100, body: 'received', traceId: TRACE, service: 'espice/gateway' }),
    logOf({ at, body: 'other', service: 'espice/gateway' }),
  ]);
});
afterAll(async () => {
  await app?.close();
  await store?.close();
});

async function get<Answer>(url: string): Promise<Answer> {
  const response = await app.inject({ url });
  expect(response.statusCode, response.body).toBe(200);
  return response.json<Answer>();
}

describe('GET /api/traces', () => {
  it('shows one item a trace', async () => {
    expect(await get('/api/traces?service=payments')).toEqual({
      items: [
        {
          trace_id: TRACE,
          root_service: 'espice/gateway',
          root_operation: 'POST /orders',
          started_at: '2026-01-05T11:59:00.000Z',
          duration_ms: 100,
          span_count: 3,
          error_count: 1,
          services: ['audit', 'espice/gateway', 'payments'],
        },
      ],
      next_cursor: null,
    });
  });

  it.each([
    ['/api/traces', [SHORT.padStart(32, '0'), TRACE]],
    ['/api/traces?sort=slowest', [TRACE, SHORT.padStart(32, '0')]],
    ['/api/traces?operation=charge&status=error&min_duration_ms=100&max_duration_ms=100.0', [TRACE]],
    ['/api/traces?attribute=http.response.status_code=402&environment=production', []],
    ['/api/traces?environment=production', [TRACE]],
    ['/api/traces?status=ok', [SHORT.padStart(32, '0')]],
    ['/api/traces?end=now-1h&start=now-2h', []],
    ['/api/traces/service/espice%2Fgateway', [TRACE]],
    ['/api/traces/service/audit?status=error', [TRACE]],
    ['/api/traces/service/nobody', []],
  ])('%s', async (url, ids) => {
    const { items } = await get<TraceList>(url);
    expect(items.map((item) => item.trace_id)).toEqual(ids);
  });

  it('pages', async () => {
    for (const sort of ['newest', 'slowest']) {
      const first = await get<TraceList>(`/api/traces?sort=${sort}&limit=1`);
      const second = await get<TraceList>(`/api/traces?sort=${sort}&limit=1&cursor=${first.next_cursor}`);
      expect(second.next_cursor).toBeNull();
      const ids = [...first.items, ...second.items].map((item) => item.trace_id);
      expect(ids.sort()).toEqual([SHORT.padStart(32, '0'), TRACE]);
    }
  });

  it.each([
    ['/api/traces?q=%7B%7D', ['q']],
    ['/api/traces?status=bad&sort=x&min_duration_ms=-1', ['min_duration_ms', 'status', 'sort']],
    ['/api/traces?limit=1001', ['limit']],
    ['/api/traces?cursor=e30', ['cursor']],
    ['/api/traces?attribute==x', ['attribute[0]']],
    ['/api/traces/xyz', ['trace_id']],
    [`/api/traces/${TRACE}0`, ['trace_id']],
    ['/api/traces/service/payments?service=x', ['service']],
  ])('refuses %s', async (url, paths) => {
    const response = await app.inject({ url });
    expect(response.statusCode).toBe(422);
    expect(response.json<{ errors: { path: string }[] }>().errors.map((error) => error.path)).toEqual(paths);
  });
});

describe('GET /api/traces/{trace_id}', () => {
  it('shows spans, timing and logs', async () => {
    const trace = await get<TraceDetail>(`/api/traces/${TRACE.toUpperCase()}`);
    expect(trace).toMatchObject({
      trace_id: TRACE,
      started_at: '2026-01-05T11:59:00.000Z',
      duration_ms: 100,
      services: ['audit', 'espice/gateway', 'payments'],
      spans_truncated: false,
      logs_truncated: false,
    });
    expect(trace.logs.map((log) => log.message)).toEqual(['received', 'declined']);
    const timing = trace.spans.map((item) => [item.name, item.self_time_ms, item.on_critical_path]);
    expect(timing).toEqual([
      ['POST /orders', 39.5, true],
      ['charge', 60.5, true],
      ['log', 20, false],
    ]);
    expect(trace.spans[1]).toEqual({
      span_id: span(2),
      parent_span_id: span(1),
      service: 'payments',
      name: 'charge',
      kind: 'client',
      started_at: '2026-01-05T11:59:00.010Z',
      start_offset_ms: 10,
      duration_ms: 60.5,
      self_time_ms: 60.5,
      status: 'error',
      status_message: 'declined',
      attributes: { 'http.response.status_code': '402' },
      resource: {},
      trace_state: 'c=d',
      flags: 0x301,
      resource_schema_url: 'https://example.org/schemas/1.0',
      scope_name: 'lib',
      scope_version: '1.2',
      scope_attributes: { team: 'checkout' },
      scope_schema_url: 'https://example.org/schemas/1.1',
      events: [{ name: 'exception', time: '2026-01-05T11:59:00.020Z', attributes: { 'exception.type': 'Declined' } }],
      links: [{ trace_id: '1'.repeat(32), span_id: span(9), trace_state: 'a=b', attributes: {} }],
      on_critical_path: true,
    });
    expect(trace.spans[0]!.parent_span_id).toBeNull();
  });

  it('takes short ids', async () => {
    expect(await get(`/api/traces/${SHORT}`)).toMatchObject({ trace_id: SHORT.padStart(32, '0'), logs: [] });
  });

  it('answers 404 for a trace that is not there', async () => {
    const response = await app.inject({ url: `/api/traces/${'f'.repeat(32)}` });
    expect(response.statusCode).toBe(404);
    expect(response.json()).toMatchObject({
      detail: `no span of the trace ${'f'.repeat(32)} is stored: not yet, or not any more`,
    });
  });
});
