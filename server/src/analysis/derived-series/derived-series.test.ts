import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { spanOf } from '../../../../tests/support/span-builder.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { systemClock } from '../../model/clock.ts';
import type { Labels } from '../../model/labels.ts';
import type { Logger } from '../../model/logger.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import { createPromqlEngine, type PromqlEngine } from '../../query/promql/index.ts';
import { ClickHouseRedStore, openTelemetryStore, type TelemetryStore } from '../../stores/telemetry/index.ts';
import type { ContainerFigures } from './derived-figures.ts';
import { DerivedSeries, type DerivedSeriesOptions } from './derived-series.ts';

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };
const DAY = 86_400_000;
const SECOND = 1000;
/** Today, so that nothing expires. */
const T = Math.floor(Date.now() / 60_000) * 60_000 - 3_600_000;

let folder: string;
let store: TelemetryStore;
let promql: PromqlEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'derived-'));
  const retention = { metricsMs: 30 * DAY, logsMs: DAY, tracesMs: DAY };
  store = await openTelemetryStore({ dataDir: folder, retention, clock: systemClock, logger: silent });
  promql = createPromqlEngine({ source: { select: store.metrics.select.bind(store.metrics) }, clock: systemClock });
});
afterAll(async () => {
  await store?.close();
  await rm(folder, { recursive: true, force: true });
});

/** A series with a sample every 10 s in the three minutes up to `end`. */
function samples(name: string, labels: Labels, value: (seconds: number) => number, end: number): SeriesSamples {
  const timestamps = Array.from({ length: 19 }, (_, index) => end - (18 - index) * 10 * SECOND);
  const values = timestamps.map((at) => value((at - T) / SECOND + 3600));
  return { name, labels, type: name.endsWith('_total') ? 'counter' : 'gauge', unit: '', help: '', timestamps, values };
}

function container(fields: Partial<ContainerFigures>): ContainerFigures {
  return {
    service: 'boxed',
    environment: '',
    running: true,
    healthy: true,
    cpuPercent: 33,
    memoryBytes: 500,
    memoryPercent: 50,
    restartCount: 1,
    ...fields,
  };
}

/** Evaluates `rounds` times, 10 s apart, the last time at `at`; what was written, by `name{service,environment}`. */
async function evaluate(at: number, rounds: number, options: Partial<DerivedSeriesOptions> = {}) {
  const clock = new VirtualClock(at + 15 * SECOND - rounds * 10 * SECOND);
  const batches: (readonly SeriesSamples[])[] = [];
  const derived = new DerivedSeries({
    red: new ClickHouseRedStore(store.clickHouse),
    promql,
    containers: () => [],
    host: () => ({ name: 'box', memoryBytes: 1000 }),
    sink: {
      writeSamples: async (batch) => {
        await store.metrics.writeSamples(batch);
        batches.push(batch);
      },
    },
    clock,
    logger: silent,
    ...options,
  });
  derived.start();
  for (let round = 1; round <= rounds; round++) {
    await clock.advance(10 * SECOND);
    await eventually(() => expect(batches).toHaveLength(round), 10_000, 5);
  }
  await derived.stop();
  return new Map(
    batches.at(-1)!.map((series) => {
      expect(series.timestamps[0]).toBe(at);
      const { service, environment } = series.labels;
      return [`${series.name.slice('service_'.length)} ${service} ${environment ?? '-'}`, series.values[0]];
    }),
  );
}

describe('requests', () => {
  it('gives rate, errors and quantiles of the last minute, and ends them when there are none', async () => {
    const environment = 'production';
    const spans = Array.from({ length: 30 }, (_, index) =>
      spanOf({
        service: 'checkout',
        environment,
        at: T - 60 * SECOND + index * 2000,
        ms: 100,
        status: index < 3 ? 'Error' : 'Ok',
      }),
    );
    await store.writeSpans([...spans, spanOf({ service: 'plain', at: T - 1 }), spanOf({ service: 'late', at: T })]);
    const figures = await evaluate(T, 1);
    expect(Object.fromEntries(figures)).toEqual({
      'requests_per_second checkout production': 0.5,
      'error_percent checkout production': 10,
      'latency_p50_ms checkout production': 100,
      'latency_p95_ms checkout production': 100,
      'latency_p99_ms checkout production': 100,
      'up checkout production': 1,
      'requests_per_second plain -': 1 / 60,
      'error_percent plain -': 0,
      'latency_p50_ms plain -': 100,
      'latency_p95_ms plain -': 100,
      'latency_p99_ms plain -': 100,
      'up plain -': 1,
    });
    const ask = async (query: string, at: number) => (await promql.instant(query, at)).result;
    expect(await ask('service_error_percent{service="checkout"}', T + SECOND)).toMatchObject({
      samples: [{ value: 10, labels: { service: 'checkout', environment } }],
    });

    // Seven rounds later: the window holds no request any more, the rate is 0, the rest has ended.
    const later = T + 70 * SECOND;
    const ended = await evaluate(later, 7);
    expect(ended.get('requests_per_second checkout production')).toBe(0);
    expect(ended.has('error_percent checkout production')).toBe(false);
    expect(await ask('service_error_percent{service="checkout"}', later + SECOND)).toMatchObject({ samples: [] });
    expect(await ask('service_requests_per_second{service="checkout"}', later + SECOND)).toMatchObject({
      samples: [{ value: 0 }],
    });
  });

  it('forgets a service after an hour without requests', async () => {
    const figures = await evaluate(T + 3_700 * SECOND, 1, { containers: () => [container({})] });
    expect(figures.get('up boxed -')).toBe(1);
    expect([...figures.keys()].filter((key) => key.includes('checkout'))).toEqual([]);
  });
});

describe('processor and memory', () => {
  const at = T - 1_200 * SECOND;
  beforeAll(async () => {
    const job = { job: 'shop/api', environment: 'test' };
    const [a, b] = [
      { ...job, instance: 'a' },
      { ...job, instance: 'b' },
    ];
    const scraped = { job: 'scraped', instance: 'x:1' };
    const gauge = { job: 'gauge', instance: 'g' };
    await store.metrics.writeSamples([
      // Instance a: half a core as user, a quarter as system. Instance b: a tenth.
      samples('process_cpu_time_seconds_total', { ...a, process_cpu_state: 'user' }, (s) => s / 2, at),
      samples('process_cpu_time_seconds_total', { ...a, process_cpu_state: 'system' }, (s) => s / 4, at),
      samples('process_cpu_time_seconds_total', { ...b, process_cpu_state: 'user' }, (s) => s / 10, at),
      // A second source of the same service does not count.
      samples('process_cpu_seconds_total', a, (s) => 5 * s, at),
      samples('process_cpu_utilization_ratio', a, () => 9, at),
      samples('process_memory_usage_bytes', a, () => 400, at),
      samples('process_memory_usage_bytes', b, () => 700, at),
      samples('target_info', { job: 'shop/api', instance: 'b', host_name: 'elsewhere' }, () => 1, at),
      samples('process_cpu_seconds_total', scraped, (s) => s / 5, at),
      samples('process_resident_memory_bytes', scraped, () => 250, at),
      samples('up', scraped, () => 0, at),
      samples('up', { ...scraped, instance: 'x:2' }, () => 1, at),
      samples('up', { job: 'down', instance: 'y:1' }, () => 0, at),
      samples('process_cpu_utilization_ratio', { ...gauge, state: 'user' }, () => 0.2, at),
      samples('process_cpu_utilization_ratio', { ...gauge, state: 'system' }, () => 0.05, at),
      samples('system_cpu_logical_count', gauge, () => 4, at),
      // As the JavaScript SDK's host metrics, which name no unit.
      samples('process_cpu_utilization', { job: 'node', instance: 'n' }, () => 0.5, at),
      samples('process_memory_usage', { job: 'node', instance: 'n' }, () => 123, at),
      samples('jvm_memory_used_bytes', { job: 'java', instance: 'j', jvm_memory_pool_name: 'eden' }, () => 10, at),
      samples('jvm_memory_used_bytes', { job: 'java', instance: 'j', jvm_memory_pool_name: 'old' }, () => 20, at),
    ]);
  });

  it('come from the processes first, the busiest instance for all', async () => {
    const figures = await evaluate(at, 1);
    const get = (key: string) => figures.get(key);
    expect(get('cpu_usage_percent shop/api test')).toBeCloseTo(75);
    expect(get('memory_usage_bytes shop/api test')).toBe(700);
    // Of what runs on this host; instance b runs elsewhere.
    expect(get('memory_usage_percent shop/api test')).toBe(40);
    expect(get('up shop/api test')).toBe(1);
    expect(get('cpu_usage_percent scraped -')).toBeCloseTo(20);
    expect(get('memory_usage_bytes scraped -')).toBe(250);
    expect(get('memory_usage_percent scraped -')).toBe(25);
    // One of its two targets answers.
    expect(get('up scraped -')).toBe(1);
    expect(get('up down -')).toBe(0);
    // A quarter of four cores.
    expect(get('cpu_usage_percent gauge -')).toBeCloseTo(100);
    expect(get('cpu_usage_percent node -')).toBe(50);
    expect(get('memory_usage_bytes node -')).toBe(123);
    expect(get('memory_usage_bytes java -')).toBe(30);
    expect(get('cpu_usage_percent java -')).toBeUndefined();
  });

  it('come from the containers of a service whose processes say nothing', async () => {
    const containers = () => [
      container({}),
      container({ cpuPercent: 66, memoryBytes: 100, memoryPercent: 10, restartCount: 2 }),
      container({ running: false, cpuPercent: undefined, memoryBytes: undefined, memoryPercent: undefined }),
      container({ service: 'shop/api', cpuPercent: 1, memoryBytes: 2, memoryPercent: 3, restartCount: 0 }),
      container({ service: 'ill', healthy: false }),
      container({ service: '' }),
    ];
    const figures = await evaluate(at, 1, { containers });
    const get = (key: string) => figures.get(key);
    expect(get('cpu_usage_percent boxed -')).toBe(66);
    expect(get('memory_usage_bytes boxed -')).toBe(500);
    expect(get('memory_usage_percent boxed -')).toBe(50);
    expect(get('restarts_total boxed -')).toBe(4);
    expect(get('up boxed -')).toBe(1);
    expect(get('up ill -')).toBe(0);
    // Its own metrics win; only the container knows a limit. It is in the one environment that the service is in.
    expect(get('cpu_usage_percent shop/api test')).toBeCloseTo(75);
    expect(get('memory_usage_bytes shop/api test')).toBe(700);
    expect(get('memory_usage_percent shop/api test')).toBe(3);
    expect(get('restarts_total shop/api test')).toBe(0);
    expect([...figures.keys()].filter((key) => key.includes('undefined') || key.includes('  '))).toEqual([]);
  });

  it('never come from the host', async () => {
    const figures = await evaluate(at, 1, { host: () => undefined });
    expect(figures.has('memory_usage_percent scraped -')).toBe(false);
    expect([...figures.keys()].filter((key) => key.startsWith('cpu')).sort()).toEqual([
      'cpu_usage_percent gauge -',
      'cpu_usage_percent node -',
      'cpu_usage_percent scraped -',
      'cpu_usage_percent shop/api test',
    ]);
  });
});

it('says once that it cannot evaluate, and goes on', async () => {
  const clock = new VirtualClock(T + 15 * SECOND);
  const messages: string[] = [];
  const log = (_: object, message: string) => void messages.push(message);
  let broken = true;
  let written = 0;
  const red = new ClickHouseRedStore(store.clickHouse);
  const derived = new DerivedSeries({
    red: Object.assign(Object.create(red), {
      serviceEnvironments: (...words: Parameters<typeof red.serviceEnvironments>) =>
        broken ? Promise.reject(new Error('the store is busy')) : red.serviceEnvironments(...words),
    }),
    promql,
    containers: () => [container({})],
    host: () => undefined,
    sink: { writeSamples: async () => void written++ },
    clock,
    logger: { debug: log, info: log, warn: log, error: log },
  });
  derived.start();
  await clock.advance(10 * SECOND);
  await eventually(() => expect(messages).toHaveLength(1), 10_000, 5);
  await eventually(async () => {
    broken = false;
    await clock.advance(10 * SECOND);
    expect(written).toBeGreaterThan(0);
  });
  await derived.stop();
  expect(messages).toEqual(['derived series cannot be evaluated']);
});
