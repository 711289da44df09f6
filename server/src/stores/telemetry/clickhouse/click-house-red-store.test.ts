import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SpanWords, spanOf } from '../../../../../tests/support/span-builder.ts';
import { openTestEngine } from '../../../../../tests/support/test-engine.ts';
import type { Logger } from '../../../model/logger.ts';
import type { ClickHouseEngine } from '../click-house.ts';
import { ClickHouseRedStore } from './click-house-red-store.ts';
import { encodeBlock } from './native-block.ts';
import { migrate } from './schema/migrations.ts';
import { SpanBlock } from './span-writer.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const T = Date.UTC(2026, 0, 5, 12);
const HOUR = 3_600_000;

let folder: string;
let engine: ClickHouseEngine;
let store: ClickHouseRedStore;
let blocks = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'red-'));
  engine = await openTestEngine(folder);
  await migrate(engine, silent);
  store = new ClickHouseRedStore(engine);
});
afterAll(async () => {
  await engine?.close();
  await rm(folder, { recursive: true, force: true });
});

async function write(...spans: SpanWords[]): Promise<void> {
  const block = new SpanBlock();
  block.append(spans.map(spanOf));
  await engine.insertBlock('otel_traces', encodeBlock(block.columns, spans.length), `test-${++blocks}`);
}

describe('figures of services', () => {
  beforeAll(async () => {
    // 10 requests of checkout: 100, 200, ..., 1000 ms; the last one failed. One slow internal span that is no request.
    const requests = Array.from(
      { length: 10 },
      (_, index): SpanWords => ({
        service: 'checkout',
        name: index < 6 ? 'POST /pay' : 'GET /cart',
        at: T + index * 1000,
        ms: (index + 1) * 100,
        environment: index < 5 ? 'production' : 'staging',
        status: index === 9 ? 'Error' : 'Unset',
      }),
    );
    await write(
      ...requests,
      { service: 'checkout', name: 'inner', kind: 'Internal', parentSpanId: 'aa', at: T, ms: 60_000 },
      { service: 'batch', name: 'nightly', kind: 'Internal', at: T + 5000, ms: 50 },
      { service: 'worker', name: 'job', kind: 'Consumer', parentSpanId: 'bb', at: T + 6000, ms: 5000 },
      { service: 'checkout', at: T - 1, ms: 1 },
      { service: 'checkout', at: T + HOUR, ms: 1 },
    );
  });
  const range = { start: T, end: T + HOUR };

  it('counts requests, errors and durations exactly', async () => {
    const services = await store.services(range);
    expect(services.map(({ service }) => service)).toEqual(['batch', 'checkout', 'worker']);
    const [, checkout, worker] = services;
    expect(checkout).toMatchObject({ environment: '', requests: 10, errors: 1, lastSeen: T + 9000 });
    // Interpolated between neighbours: rank 4.5, 8.1, 8.55 and 8.91 of 0 to 9.
    const { avg, p50, p90, p95, p99 } = checkout!.latencyMs;
    expect([avg, p50, p90, p95, p99].map((value) => Math.round(value * 10) / 10)).toEqual([550, 550, 910, 955, 991]);
    // 5 within 500 ms, 4 within 2 s, the failed one is neither.
    expect(checkout!.apdex).toBe(0.7);
    // Longer than four times the target.
    expect(worker!.apdex).toBe(0);
  });

  it('takes another target', async () => {
    const [, checkout] = await store.services(range, { apdexTargetMs: 100 });
    // 1 within 100 ms, 3 within 400 ms.
    expect(checkout!.apdex).toBe(0.25);
  });

  it('keeps environments apart where asked to', async () => {
    const split = await store.serviceEnvironments(range);
    expect(split.filter(({ service }) => service === 'checkout')).toMatchObject([
      { environment: 'production', requests: 5, errors: 0 },
      { environment: 'staging', requests: 5, errors: 1 },
    ]);
    expect(await store.services(range, { environment: 'staging' })).toMatchObject([
      { service: 'checkout', requests: 5, errors: 1 },
    ]);
  });

  it('groups by operation, the busiest first', async () => {
    const operations = await store.operations('checkout', range);
    expect(operations).toMatchObject([
      { operation: 'POST /pay', requests: 6, errors: 0 },
      { operation: 'GET /cart', requests: 4, errors: 1 },
    ]);
  });

  it('gives steps of time, each at its end', async () => {
    const points = await store.series('checkout', range, 5000);
    expect(points.map(({ timestamp, requests, errors }) => [timestamp - T, requests, errors])).toEqual([
      [5000, 5, 0],
      [10_000, 5, 1],
    ]);
    expect(points[0]!.latencyMs.p50).toBeCloseTo(300);
  });

  it('answers long windows from the sums by the minute, close to the same', async () => {
    const long = { start: T - HOUR, end: T + 2 * HOUR };
    const [batch, checkout] = await store.services(long);
    expect(batch).toMatchObject({ service: 'batch', requests: 1 });
    // The requests just before and after the hour are in this window.
    expect(checkout).toMatchObject({ requests: 12, errors: 1, lastSeen: T + HOUR });
    expect(checkout!.latencyMs.avg).toBeCloseTo(5502 / 12);
    expect(checkout!.latencyMs.p95).toBeGreaterThan(975);
    expect(checkout!.latencyMs.p95).toBeLessThan(1025);
    // The request of 500 ms lies in the bucket that the target cuts: to within a bucket it is above.
    expect(checkout!.apdex).toBeCloseTo((6 + 5 / 2) / 12);
    const points = await store.series('checkout', long, 60_000, { environment: 'staging' });
    expect(points).toMatchObject([{ timestamp: T + 60_000, requests: 5, errors: 1 }]);
  });
});

describe('dependencies', () => {
  const traceId = 'd'.repeat(32);
  const at = T + 10 * HOUR;
  const range = { start: at, end: at + HOUR };
  beforeAll(() =>
    write(
      { service: 'web', traceId, spanId: 'a1', kind: 'Server', at, ms: 400 },
      { service: 'web', traceId, spanId: 'a2', parentSpanId: 'a1', kind: 'Client', at: at + 10, ms: 300 },
      { service: 'orders', traceId, spanId: 'b1', parentSpanId: 'a2', at: at + 20, ms: 250, environment: 'production' },
      {
        service: 'orders',
        traceId,
        spanId: 'b2',
        parentSpanId: 'b1',
        kind: 'Client',
        at: at + 30,
        ms: 20,
        environment: 'production',
      },
      { service: 'stock', traceId, spanId: 'c1', parentSpanId: 'b2', at: at + 31, ms: 10, status: 'Error' },
      { service: 'stock', traceId, spanId: 'c2', parentSpanId: 'b2', at: at + 41, ms: 30 },
      {
        service: 'orders',
        traceId,
        spanId: 'b3',
        parentSpanId: 'b1',
        kind: 'Client',
        at: at + 60,
        ms: 5,
        attributes: { 'db.system': 'postgresql', 'db.name': 'orders' },
        environment: 'production',
      },
      {
        service: 'orders',
        traceId,
        spanId: 'b4',
        parentSpanId: 'b1',
        kind: 'Producer',
        at: at + 70,
        ms: 1,
        attributes: { 'messaging.system': 'kafka', 'messaging.destination.name': 'events' },
        environment: 'production',
      },
      {
        service: 'orders',
        traceId,
        spanId: 'b5',
        parentSpanId: 'b1',
        kind: 'Client',
        at: at + 80,
        ms: 90,
        attributes: { 'server.address': 'api.bank.example' },
        environment: 'production',
      },
    ),
  );

  it('finds callers, called services and what is outside', async () => {
    const { upstream, downstream } = await store.dependencies('orders', range);
    expect(upstream).toMatchObject([{ name: 'web', kind: 'service', requests: 1, errors: 0, latencyMs: { p50: 250 } }]);
    expect(downstream.map(({ name, kind, requests, errors }) => [name, kind, requests, errors])).toEqual([
      ['stock', 'service', 2, 1],
      ['api.bank.example', 'external', 1, 0],
      ['kafka/events', 'queue', 1, 0],
      ['postgresql/orders', 'database', 1, 0],
    ]);
    expect(downstream[0]!.latencyMs.avg).toBe(20);
    const elsewhere = await store.dependencies('orders', range, { environment: 'staging' });
    expect(elsewhere).toEqual({ upstream: [], downstream: [] });
  });

  it('ends where the trace ends', async () => {
    expect((await store.dependencies('web', range)).upstream).toEqual([]);
    expect((await store.dependencies('stock', range)).downstream).toEqual([]);
  });
});

describe('errors and presence', () => {
  const at = T + 20 * HOUR;
  const range = { start: at, end: at + HOUR };

  it('groups failed spans by what went wrong', async () => {
    const failed = (index: number): SpanWords => ({
      service: 'mailer',
      name: 'send',
      at: at + index,
      status: 'Error',
      statusMessage: 'sending failed',
    });
    const attributes = { 'exception.type': 'TimeoutError', 'exception.message': 'no answer within 5 s' };
    const event = { timeUnixNano: BigInt(at) * 1_000_000n, name: 'exception', attributes };
    await write(
      { ...failed(1), events: [{ ...event, name: 'retry', attributes: {} }, event] },
      { ...failed(2), events: [event], traceId: 'e'.repeat(32) },
      failed(3),
      {
        ...failed(0),
        name: 'GET',
        kind: 'Client',
        statusMessage: '',
        attributes: { 'error.type': '503', 'http.response.status_code': '503' },
      },
      { service: 'mailer', name: 'send', at },
    );
    expect(await store.topErrors('mailer', range)).toEqual([
      {
        operation: 'send',
        type: 'TimeoutError',
        message: 'no answer within 5 s',
        count: 2,
        lastSeen: at + 2,
        traceId: 'e'.repeat(32),
      },
      expect.objectContaining({ type: '', message: 'sending failed', count: 1 }),
      expect.objectContaining({ operation: 'GET', type: '503', message: 'HTTP 503', count: 1 }),
    ]);
  });

  it('knows services of every signal, but not by what we derive ourselves', async () => {
    await engine.command(
      `INSERT INTO otel_logs (Timestamp, ServiceName, Body, ResourceAttributes)
       VALUES (fromUnixTimestamp64Milli({at:Int64}), 'logger', 'x', map('deployment.environment', 'test'))`,
      { parameters: { at: at + 5 }, pool: 'ingest' },
    );
    const series = [
      ['http_requests_total', "map('job', 'scraped')"],
      ['jvm_memory', "map('service', 'java', 'environment', 'test', 'job', 'other')"],
      ['container_pids', "map('service', 'boxed')"],
      ['service_up', "map('service', 'gone')"],
      ['host_load1', "map('host', 'box')"],
    ];
    for (const [index, [metric, labels]] of series.entries()) {
      await engine.command(
        `INSERT INTO metric_series (metric, series, labels, first_seen, last_seen)
         SELECT {metric:String}, {series:UInt64}, ${labels}, fromUnixTimestamp64Milli({at:Int64}), fromUnixTimestamp64Milli({at:Int64})`,
        { parameters: { metric, series: index, at: at + 7 }, pool: 'ingest' },
      );
    }
    const seen = await store.presence(range);
    expect(seen.map(({ service, environment, signal }) => [service, environment, signal]).sort()).toEqual([
      ['boxed', '', 'container'],
      ['java', 'test', 'metrics'],
      ['logger', '', 'logs'],
      ['mailer', '', 'traces'],
      ['scraped', '', 'metrics'],
    ]);
    expect(seen.find(({ service }) => service === 'java')?.lastSeen).toBe(at + 7);
    const inTest = await store.presence(range, { environment: 'test' });
    expect(inTest.map(({ service, environment }) => [service, environment])).toEqual([
      ['logger', 'test'],
      ['java', 'test'],
    ]);
  });

  it('takes any range', async () => {
    for (const range of [
      { start: -1e15, end: 1e15 },
      { start: 0, end: 1 },
      { start: T, end: 253_402_300_799_999 },
    ]) {
      await expect(store.services(range)).resolves.toBeInstanceOf(Array);
      await expect(store.presence(range)).resolves.toBeInstanceOf(Array);
      await expect(store.dependencies('orders', range)).resolves.toBeDefined();
    }
    const hostile = "x'; DROP TABLE otel_traces; --";
    expect(await store.operations(hostile, { start: T, end: T + HOUR }, { environment: hostile })).toEqual([]);
  });
});
