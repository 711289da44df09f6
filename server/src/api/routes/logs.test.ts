import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LogWords, logOf } from '../../../../tests/support/log-builder.ts';
import { openTestTelemetryStore, silentLogger } from '../../../../tests/support/telemetry-store.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { createHttpServer } from '../../http/index.ts';
import { ClickHouseLogStore, type TelemetryStore } from '../../stores/telemetry/index.ts';
import type { LogAnalytics, LogList, LogSearchResult } from '../contract/logs.ts';
import { logRoutes } from './logs.ts';

const NOW = Date.UTC(2026, 0, 5, 12);
const TRACE = '5b8efff798038103d269b633813fc60c';
const clock = new VirtualClock(NOW);

let store: TelemetryStore;
let app: FastifyInstance;

beforeAll(async () => {
  store = await openTestTelemetryStore();
  app = await createHttpServer({
    routes: logRoutes({ logs: new ClickHouseLogStore(store.clickHouse), clock }),
    guards: {
      authenticator: { open: true, authenticate: async () => undefined },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger: silentLogger,
    trustProxy: false,
    checkAnswers: true,
  });
  const records: LogWords[] = [
    { at: NOW - 5000, body: 'starting up', severityNumber: 5, severityText: 'debug', service: 'espice/orders' },
    {
      at: NOW - 4000,
      nanos: 123_456,
      body: 'Payment of order 7 failed: card declined',
      severityNumber: 17,
      severityText: 'ERROR',
      service: 'payments',
      traceId: TRACE,
      spanId: '00f067aa0ba902b7',
      attributes: { 'order.id': '7', retry: 'false' },
      resourceAttributes: { 'service.name': 'payments', 'deployment.environment.name': 'production' },
      scopeName: 'pay',
    },
    {
      at: NOW - 3000,
      body: 'order 8 was slow',
      severityNumber: 13,
      service: 'espice/orders',
      traceId: `${'0'.repeat(16)}00f067aa0ba902b7`,
    },
    { at: NOW - 2000, body: 'no level', severityNumber: 0, severityText: '', service: 'payments' },
    { at: NOW - 2 * 3_600_000, body: 'long ago' },
  ];
  await store.writeLogs(records.map(logOf));
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

async function messages(url: string): Promise<string[]> {
  const { items } = await get<LogList>(url);
  return items.map((item) => item.message.split(' ', 2).join(' '));
}

/** Status and wrong places. */
async function problem(url: string): Promise<[number, { path: string; message: string }[]]> {
  const response = await app.inject({ url });
  return [response.statusCode, response.json<{ errors: { path: string; message: string }[] }>().errors];
}

describe('GET /api/logs', () => {
  it('shows records in full', async () => {
    const { items } = await get<LogList>('/api/logs?service=payments&level=error');
    expect(items).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        timestamp: '2026-01-05T11:59:56.000Z',
        time_unix_nano: String(BigInt(NOW - 4000) * 1_000_000n + 123_456n),
        level: 'error',
        severity_number: 17,
        severity_text: 'ERROR',
        service: 'payments',
        message: 'Payment of order 7 failed: card declined',
        trace_id: TRACE,
        span_id: '00f067aa0ba902b7',
        attributes: { 'order.id': '7', retry: 'false' },
        resource: { 'service.name': 'payments', 'deployment.environment.name': 'production' },
        scope_name: 'pay',
        pattern_id: null,
      },
    ]);
  });

  it.each([
    ['/api/logs', ['no level', 'order 8', 'Payment of', 'starting up']],
    ['/api/logs?order=oldest&limit=2', ['starting up', 'Payment of']],
    ['/api/logs?start=now-1d&end=now-1h', ['long ago']],
    ['/api/logs?service=espice%2Forders', ['order 8', 'starting up']],
    ['/api/logs?level=warn', ['order 8']],
    ['/api/logs?level=WARN%2B', ['order 8', 'Payment of']],
    ['/api/logs?level=warn+', ['order 8', 'Payment of']],
    ['/api/logs?level=unknown', ['no level']],
    ['/api/logs?environment=production', ['Payment of']],
    [`/api/logs?trace_id=${TRACE.toUpperCase()}`, ['Payment of']],
    ['/api/logs?trace_id=00f067aa0ba902b7', ['order 8']],
    ['/api/logs?attribute=order.id=7&attribute=deployment.environment.name=production', ['Payment of']],
    ['/api/logs?attribute=order.id=7&attribute=retry=true', []],
    ['/api/logs/service/espice%2Forders', ['order 8', 'starting up']],
    ['/api/logs/service/espice%2Forders?level=debug', ['starting up']],
    ['/api/logs/service/nobody', []],
    ['/api/logs/level/error', ['Payment of']],
    ['/api/logs/level/warn+', ['order 8', 'Payment of']],
    ['/api/logs/level/error?service=espice%2Forders', []],
  ])('%s', async (url, expected) => {
    expect(await messages(url)).toEqual(expected);
  });

  const known =
    'unknown level; known are trace, debug, info, warn, error, fatal, unknown, and warn+ for that and above';
  it.each([
    ['/api/logs?level=loud', [{ path: 'level', message: known }]],
    ['/api/logs/level/loud', [{ path: 'log_level', message: known }]],
    ['/api/logs/level/unknown+', [{ path: 'log_level', message: known }]],
    ['/api/logs?trace_id=xyz', [{ path: 'trace_id', message: 'use 16 or 32 hex digits' }]],
    ['/api/logs?attribute=novalue', [{ path: 'attribute[0]', message: 'use key=value' }]],
    ['/api/logs?start=now&end=now-1h', [{ path: 'start', message: 'must be before end' }]],
    ['/api/logs?servce=x', [{ path: 'servce', message: 'unknown field; did you mean service?' }]],
    ['/api/logs?limit=5001&order=up', [{ path: 'order' }, { path: 'limit' }]],
    ['/api/logs?cursor=abc', [{ path: 'cursor', message: 'is not a next_cursor of this listing' }]],
    ['/api/logs/service/payments?service=x', [{ path: 'service' }]],
    ['/api/logs/search', [{ path: 'q' }]],
    ['/api/logs/search?q=', [{ path: 'q' }]],
    ['/api/logs/search?q=(a', [{ path: 'q', message: 'position 3: expected ) for the ( at position 1' }]],
  ])('refuses %s', async (url, errors) => {
    expect(await problem(url)).toMatchObject([422, errors]);
  });

  it('pages, while now goes on', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: LogList = await get(`/api/logs?limit=1${cursor && `&cursor=${cursor}`}`);
      seen.push(...page.items.map((item) => item.message));
      cursor = page.next_cursor;
      clock.jump(clock.now() + 20 * 60_000);
    }
    expect(seen).toHaveLength(4);
    expect(new Set(seen).size).toBe(4);
    clock.jump(NOW);
  });

  it('refuses a cursor of another listing', async () => {
    const { next_cursor } = await get<LogList>(`/api/logs?limit=1&start=${(NOW - 3_600_000) / 1000}`);
    const [status, errors] = await problem(`/api/logs?limit=1&service=x&cursor=${next_cursor}`);
    expect([status, errors[0]?.path]).toEqual([422, 'cursor']);
  });
});

describe('GET /api/logs/analytics', () => {
  const window = `start=${(NOW - 60_000) / 1000}&end=${NOW / 1000}`;
  const counts = async (url: string) => (await get<LogAnalytics>(url)).groups.map(({ value, count }) => [value, count]);

  it('counts by level over time', async () => {
    const { groups, ...answer } = await get<LogAnalytics>(`/api/logs/analytics?${window}&step=10s`);
    expect(answer).toEqual({
      start: '2026-01-05T11:59:00.000Z',
      end: '2026-01-05T12:00:00.000Z',
      step_seconds: 10,
      total: 4,
    });
    expect(groups).toContainEqual({ value: 'error', count: 1, points: [[NOW / 1000 - 10, 1]] });
    expect(groups.map(({ value }) => value).sort()).toEqual(['debug', 'error', 'unknown', 'warn']);
  });

  it('counts by any field, the most frequent values first, and all that match', async () => {
    expect(await counts(`/api/logs/analytics?${window}&group_by=service`)).toEqual([
      ['espice/orders', 2],
      ['payments', 2],
    ]);
    expect(await counts(`/api/logs/analytics?${window}&group_by=order.id`)).toEqual([
      ['', 3],
      ['7', 1],
    ]);
    expect(await get(`/api/logs/analytics?${window}&group_by=service&limit=1`)).toMatchObject({
      total: 4,
      groups: [{ value: 'espice/orders', count: 2 }],
    });
  });

  it('takes a search and the filters of the list', async () => {
    expect(await counts(`/api/logs/analytics?${window}&q=order&level=warn%2B`)).toEqual([
      ['error', 1],
      ['warn', 1],
    ]);
    expect(await get(`/api/logs/analytics?${window}&service=nobody`)).toMatchObject({ total: 0, groups: [] });
  });

  it('refuses more slots than it would show', async () => {
    const [status, errors] = await problem('/api/logs/analytics?start=now-7d&step=1s');
    expect([status, errors[0]?.path]).toEqual([422, 'step']);
  });
});

describe('GET /api/logs/search', () => {
  const window = `start=${(NOW - 3_600_000) / 1000}&end=${NOW / 1000}`;

  it('finds, marks and counts', async () => {
    const found = await get<LogSearchResult>(`/api/logs/search?q=order+-slow&${window}`);
    expect(found).toMatchObject({ total: 1, total_is_exact: true, next_cursor: null });
    expect(found.took_ms).toBeGreaterThanOrEqual(0);
    expect(found.items[0]).toMatchObject({
      message: 'Payment of order 7 failed: card declined',
      highlights: [{ field: 'message', ranges: [[11, 16]] }],
    });
  });

  it('takes the filters of the list, and marks nothing where nothing of the message was asked for', async () => {
    const found = await get<LogSearchResult>(`/api/logs/search?q=service:payments&level=error&${window}`);
    expect(found.items).toMatchObject([{ level: 'error', highlights: [] }]);
  });

  it('keeps the total from page to page', async () => {
    const first = await get<LogSearchResult>(`/api/logs/search?q=order+OR+level&limit=1&${window}`);
    expect(first.total).toBe(3);
    await store.writeLogs([logOf({ at: NOW - 1, body: 'order 9' })]);
    const second = await get<LogSearchResult>(
      `/api/logs/search?q=order+OR+level&limit=2&${window}&cursor=${first.next_cursor}`,
    );
    expect(second.total).toBe(3);
    expect([...first.items, ...second.items].map((item) => item.message.slice(0, 7))).toEqual([
      'no leve',
      'order 8',
      'Payment',
    ]);
  });
});
