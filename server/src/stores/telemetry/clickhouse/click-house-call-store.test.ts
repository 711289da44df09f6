import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpanWords, spanOf } from '../../../../../tests/support/span-builder.ts';
import { openTestTelemetryStore } from '../../../../../tests/support/telemetry-store.ts';
import type { Call, CallGraph, CallPeer } from '../call-store.ts';
import type { TelemetryStore } from '../telemetry-store.ts';
import { ClickHouseCallStore } from './click-house-call-store.ts';
import { ClickHouseRedStore } from './click-house-red-store.ts';

const T = Date.UTC(2026, 0, 5, 12);
const HOUR = 3_600_000;
const NONE = { calls: [], peers: [], sampledRatio: 1 };

let telemetry: TelemetryStore;
let store: ClickHouseCallStore;

beforeAll(async () => {
  telemetry = await openTestTelemetryStore();
  store = new ClickHouseCallStore(telemetry.clickHouse);
});
afterAll(() => telemetry?.close());

/** Spans of one trace; `span > parent` ids are the test's own short ones. */
let traces = 0;
function trace(...spans: readonly (SpanWords & { spanId: string })[]): Promise<void> {
  const traceId = `${++traces}`.padStart(32, 'f');
  return telemetry.writeSpans(spans.map((span) => spanOf({ traceId, ...span })));
}

function nameOf({ kind, name }: CallPeer): string {
  return kind === 'service' ? name : `${kind}:${name}`;
}

/** `source -> target: requests, errors, p50 in milliseconds`. */
function told({ calls }: Pick<CallGraph, 'calls'>): string[] {
  const line = (call: Call) =>
    `${nameOf(call.source)} -> ${nameOf(call.target)}: ${call.requests}, ${call.errors}, ${call.latencyMs.p50}`;
  return calls.map(line).sort();
}

it('reads the newest part alone where the range has more spans than asked for', async () => {
  const range = { start: T - 5 * HOUR, end: T - 5 * HOUR + 180_000 };
  const request = (service: string, at: number) =>
    trace(
      { service, spanId: 'e1', at },
      { service, spanId: 'e2', parentSpanId: 'e1', kind: 'Client', at: at + 1, attributes: { 'db.system': 'redis' } },
    );
  await request('early', range.start);
  await request('late', range.start + 120_000);
  const ofLate = ['late -> database:redis: 1, 0, 100', 'user:user -> late: 1, 0, 100'];
  expect(told(await store.calls(range, { newestSpans: 2 }))).toEqual(ofLate);
  const all = await store.calls(range, { newestSpans: 4 });
  expect(told(all)).toHaveLength(4);
  expect(all).toEqual(await store.calls(range));
});

describe('calls', () => {
  const at = T;
  const range = { start: at, end: at + HOUR };
  const sql = { 'db.system.name': 'postgresql', 'db.namespace': 'orders' };
  const kafka = { 'messaging.system': 'kafka', 'messaging.destination.name': 'events' };
  beforeAll(async () => {
    const production = { environment: 'production' };
    await trace(
      { service: 'web', spanId: 'a1', at, ms: 400 },
      { service: 'web', spanId: 'a2', parentSpanId: 'a1', kind: 'Client', at: at + 10, ms: 300 },
      { service: 'orders', spanId: 'b1', parentSpanId: 'a2', at: at + 20, ms: 250, ...production },
      // Within the service: no call.
      { service: 'orders', spanId: 'b2', parentSpanId: 'b1', kind: 'Internal', at: at + 30, ms: 5, ...production },
      { service: 'orders', spanId: 'b3', parentSpanId: 'b2', kind: 'Client', at: at + 31, ms: 20, ...production },
      { service: 'stock', spanId: 'c1', parentSpanId: 'b3', at: at + 32, ms: 10, status: 'Error' },
      { service: 'stock', spanId: 'c2', parentSpanId: 'b3', at: at + 43, ms: 30 },
      {
        service: 'orders',
        spanId: 'b4',
        parentSpanId: 'b1',
        kind: 'Client',
        at: at + 60,
        ms: 5,
        attributes: sql,
        ...production,
      },
      {
        service: 'orders',
        spanId: 'b5',
        parentSpanId: 'b1',
        kind: 'Client',
        at: at + 61,
        ms: 15,
        attributes: sql,
        status: 'Error',
        ...production,
      },
      {
        service: 'stock',
        spanId: 'c3',
        parentSpanId: 'c2',
        kind: 'Client',
        at: at + 62,
        ms: 40,
        attributes: { 'db.system': 'postgresql', 'db.name': 'orders' },
      },
      {
        service: 'orders',
        spanId: 'b6',
        parentSpanId: 'b1',
        kind: 'Producer',
        at: at + 70,
        ms: 1,
        attributes: kafka,
        ...production,
      },
      {
        service: 'mailer',
        spanId: 'd1',
        parentSpanId: 'b6',
        kind: 'Consumer',
        at: at + 900,
        ms: 60,
        attributes: kafka,
      },
      {
        service: 'mailer',
        spanId: 'd2',
        parentSpanId: 'd1',
        kind: 'Client',
        at: at + 910,
        ms: 50,
        attributes: { 'server.address': 'smtp.example', 'server.port': '587' },
      },
      {
        service: 'mailer',
        spanId: 'd3',
        parentSpanId: 'd1',
        kind: 'Client',
        at: at + 911,
        ms: 9,
        attributes: { 'net.peer.name': 'api.example', 'net.peer.port': '443' },
      },
    );
    // A second request of a user; one just outside the range.
    await trace({ service: 'web', spanId: 'a1', at: at + 1000, ms: 200, status: 'Error' });
    await trace({ service: 'web', spanId: 'a1', at: at - 1 });
    await trace({ service: 'batch', spanId: 'a1', at: at + 5, kind: 'Internal' });
  });

  it('finds calls between services, of users, of databases and queues, and of others', async () => {
    const graph = await store.calls(range);
    expect(told(graph)).toEqual([
      'mailer -> external:api.example: 1, 0, 9',
      'mailer -> external:smtp.example:587: 1, 0, 50',
      'orders -> database:postgresql/orders: 2, 1, 10',
      'orders -> queue:kafka/events: 1, 0, 1',
      'orders -> stock: 2, 1, 20',
      'queue:kafka/events -> mailer: 1, 0, 60',
      'stock -> database:postgresql/orders: 1, 0, 40',
      'user:user -> web: 2, 1, 300',
      'web -> orders: 1, 0, 250',
    ]);
    expect(graph.sampledRatio).toBe(1);
    // Of 5, 15 and 40 ms, all callers together; of the queue what is put in.
    const peer = (wanted: string) => graph.peers.find((one) => nameOf(one) === wanted);
    expect(peer('database:postgresql/orders')).toMatchObject({ requests: 3, errors: 1, latencyMs: { p50: 15 } });
    expect(peer('queue:kafka/events')).toMatchObject({ requests: 1, latencyMs: { p50: 1 } });
    expect(peer('user:user')).toMatchObject({ requests: 2, errors: 1 });
    expect(graph.peers).toHaveLength(5);
  });

  it('answers for one environment with what its services answered and called outside', async () => {
    expect(told(await store.calls(range, { environment: 'production' }))).toEqual([
      'orders -> database:postgresql/orders: 2, 1, 10',
      'orders -> queue:kafka/events: 1, 0, 1',
      'web -> orders: 1, 0, 250',
    ]);
    expect(await store.calls(range, { environment: 'staging' })).toEqual(NONE);
  });

  it('takes the calls of users from sums in long windows', async () => {
    const graph = await store.calls({ start: at - HOUR, end: at + 2 * HOUR });
    const users = graph.calls.find(({ source }) => source.kind === 'user');
    expect(users).toMatchObject({ target: { name: 'web' }, requests: 3, errors: 1 });
  });

  it('says the same as the dependencies of one service', async () => {
    const red = new ClickHouseRedStore(telemetry.clickHouse);
    const { calls } = await store.calls(range);
    for (const service of ['web', 'orders', 'stock', 'mailer']) {
      const { upstream, downstream } = await red.dependencies(service, range);
      const around = [
        ...upstream.map(({ kind, name, ...figures }) => ({
          source: { kind, name },
          target: { kind: 'service' as const, name: service },
          ...figures,
        })),
        ...downstream.map(({ kind, name, ...figures }) => ({
          source: { kind: 'service' as const, name: service },
          target: { kind, name },
          ...figures,
        })),
      ];
      const wanted = calls.filter(
        ({ source, target }) => source.kind !== 'user' && [nameOf(source), nameOf(target)].includes(service),
      );
      expect(told({ calls: around })).toEqual(told({ calls: wanted }));
    }
  });

  it('estimates from whole traces where there are many', async () => {
    const from = T + 20 * HOUR;
    for (let index = 0; index < 40; index++)
      await trace(
        { service: 'front', spanId: 'a', at: from + index },
        { service: 'back', spanId: 'b', parentSpanId: 'a', at: from + index },
      );
    // 80 spans: one trace of four.
    const graph = await new ClickHouseCallStore(telemetry.clickHouse, 20).calls({ start: from, end: from + 1000 });
    expect(graph.sampledRatio).toBe(0.25);
    const [users, back] = graph.calls;
    expect(users).toMatchObject({ source: { kind: 'user' }, requests: 40 });
    expect(back!.requests % 4).toBe(0);
    expect(back!.requests).toBeGreaterThan(0);
    expect(back!.requests).toBeLessThan(80);
  });

  it('takes any range', async () => {
    for (const range of [
      { start: -1e15, end: 1e15 },
      { start: 0, end: 1 },
    ])
      await expect(store.calls(range)).resolves.toBeDefined();
    const hostile = "x'; DROP TABLE otel_traces; --";
    expect(await store.calls(range, { environment: hostile })).toEqual(NONE);
  });
});

describe('what is one call although it has several spans', () => {
  it('counts a queue within one service, and pulled batches once', async () => {
    const at = T + 30 * HOUR;
    const attributes = { 'messaging.system': 'in_memory', 'messaging.destination.name': 'jobs' };
    const receive = { ...attributes, 'messaging.operation.type': 'receive' };
    const settle = { ...attributes, 'messaging.operation.type': 'settle' };
    await trace(
      { service: 'sim', spanId: 'a', at },
      { service: 'sim', spanId: 'b', parentSpanId: 'a', kind: 'Producer', at, ms: 1, attributes },
      { service: 'sim', spanId: 'b2', parentSpanId: 'a', kind: 'Client', at, ms: 2, attributes },
      { service: 'sim', spanId: 'c', parentSpanId: 'b', kind: 'Consumer', at: at + 9, ms: 20, attributes },
      { service: 'sim', spanId: 'd', kind: 'Client', at: at + 8, ms: 500, attributes: receive },
      { service: 'sim', spanId: 'e', kind: 'Client', at: at + 30, ms: 3, attributes: settle },
      { service: 'poller', spanId: 'f', kind: 'Client', at: at + 8, ms: 700, attributes: receive },
    );
    const graph = await store.calls({ start: at, end: at + 1000 });
    expect(told(graph)).toEqual([
      'queue:in_memory/jobs -> poller: 1, 0, 700',
      'queue:in_memory/jobs -> sim: 1, 0, 20',
      'sim -> queue:in_memory/jobs: 1, 0, 1',
      'user:user -> sim: 1, 0, 100',
    ]);
    expect(graph.peers.find(({ kind }) => kind === 'queue')).toMatchObject({ requests: 1, latencyMs: { p50: 1 } });
  });

  it('tells how a database is reached from a database, and tries from a call', async () => {
    const at = T + 40 * HOUR;
    const host = { 'server.address': 'search', 'server.port': '9200' };
    const outside = { 'server.address': 'maps.example' };
    await trace(
      { service: 'shop', spanId: 'a', at },
      {
        service: 'shop',
        spanId: 'b',
        parentSpanId: 'a',
        kind: 'Client',
        at,
        ms: 8,
        attributes: { ...host, 'db.system.name': 'elasticsearch' },
      },
      { service: 'shop', spanId: 'c', parentSpanId: 'b', kind: 'Client', at, ms: 7, attributes: host },
      { service: 'shop', spanId: 'd', parentSpanId: 'a', kind: 'Client', at, ms: 90, attributes: outside },
      {
        service: 'shop',
        spanId: 'e',
        parentSpanId: 'd',
        kind: 'Client',
        at,
        ms: 30,
        attributes: outside,
        status: 'Error',
      },
      { service: 'shop', spanId: 'f', parentSpanId: 'd', kind: 'Client', at, ms: 50, attributes: outside },
    );
    expect(told(await store.calls({ start: at, end: at + 1000 }))).toEqual([
      'shop -> database:elasticsearch: 1, 0, 8',
      'shop -> external:maps.example: 2, 1, 40',
      'user:user -> shop: 1, 0, 100',
    ]);
  });

  it('knows a service by its address where it does not answer', async () => {
    const at = T + 50 * HOUR;
    const address = { 'server.address': '127.0.0.1', 'server.port': '4002' };
    const other = { 'server.address': '127.0.0.1', 'server.port': '4003' };
    const call = (spanId: string, more: Partial<SpanWords>) =>
      ({
        service: 'gate',
        spanId,
        parentSpanId: 'a',
        kind: 'Client',
        at,
        ms: 2,
        attributes: address,
        ...more,
      }) as const;
    await trace(
      { service: 'gate', spanId: 'a', at },
      call('b', {}),
      { service: 'users', spanId: 'c', parentSpanId: 'b', at, ms: 30 },
      // Refused.
      call('d', { status: 'Error' }),
      // The answer's span is yet to come.
      call('e', {}),
      call('f', { attributes: other }),
      // Two minutes on the service is down altogether.
      call('g', { at: at + 120_000, status: 'Error' }),
    );
    expect(told(await store.calls({ start: at, end: at + 1000 }))).toEqual([
      'gate -> external:127.0.0.1:4003: 1, 0, 2',
      'gate -> users: 2, 1, 30',
      'user:user -> gate: 1, 0, 100',
    ]);
    expect(told(await store.calls({ start: at + 60_000, end: at + 180_000 }))).toEqual(['gate -> users: 1, 1, 2']);
  });
});
