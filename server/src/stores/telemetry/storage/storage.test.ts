import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestTelemetryStore, silentLogger } from '../../../../../tests/support/telemetry-store.ts';
import { VirtualClock } from '../../../../../tests/support/virtual-clock.ts';
import type { TelemetryStore } from '../telemetry-store.ts';
import { DiskBudget } from './disk-budget.ts';
import { ExpirySweep } from './expiry-sweep.ts';
import { RetentionSetting } from './retention-setting.ts';
import { TelemetryStorage } from './telemetry-storage.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 4, 10, 12);
let store: TelemetryStore;
let storage: TelemetryStorage;

beforeAll(async () => {
  store = await openTestTelemetryStore();
  storage = new TelemetryStorage(
    store,
    process.env.TEST_CLICKHOUSE === 'url' ? undefined : tmpdir(),
    new VirtualClock(NOW),
  );
  // Six days of logs and spans, today's and tomorrow's among them; the bodies do not compress.
  for (const [table, columns] of [
    ['otel_logs', 'Timestamp, ServiceName, Body'],
    ['otel_traces', 'Timestamp, ServiceName, SpanName'],
  ]) {
    await store.clickHouse.command(
      `INSERT INTO ${table} (${columns})
       SELECT fromUnixTimestamp64Milli(toInt64({now:Int64} + (number % 6 - 4) * ${DAY})) AS time,
         if(number % 3 = 0, 'gateway', 'orders'), randomPrintableASCII(200) FROM numbers(6000)`,
      { parameters: { now: NOW } },
    );
  }
  await store.metrics.writeSamples([
    {
      name: 'queue_length',
      labels: { service: 'orders' },
      type: 'gauge',
      unit: '',
      help: '',
      timestamps: [NOW - 1000, NOW],
      values: [1, 2],
    },
  ] as never);
  await store.flush();
});

afterAll(() => store.close());

describe('usage', () => {
  it('of signals: rows, bytes, parts, oldest and newest', async () => {
    const [logs, traces, metrics, rollups] = await storage.signals();
    expect(logs).toMatchObject({ signal: 'logs', rows: 6000, oldest: NOW - 4 * DAY, newest: NOW + DAY });
    expect(logs!.bytes).toBeGreaterThan(6000 * 150);
    expect(logs!.parts).toBeGreaterThanOrEqual(6);
    expect(traces!.tables.map(({ table }) => table)).toContain('otel_traces');
    expect(metrics).toMatchObject({ signal: 'metrics', rows: 2, oldest: NOW - 1000, newest: NOW });
    expect(metrics!.tables.map(({ table }) => table)).toEqual(
      expect.arrayContaining(['metric_series', 'span_metrics']),
    );
    expect(rollups).toMatchObject({ signal: 'rollups', rows: 0 });
  });

  it('of services, the largest first', async () => {
    const signals = await storage.signals();
    const [orders, gateway] = (await storage.services(signals))!;
    expect(orders).toMatchObject({ service: 'orders', rows: { logs: 4000, traces: 4000, metrics: 2, rollups: 0 } });
    expect(gateway).toMatchObject({ service: 'gateway', rows: { logs: 2000, traces: 2000, metrics: 0, rollups: 0 } });
    const sum = signals.reduce((total, { bytes }) => total + bytes, 0);
    expect(orders!.bytes + gateway!.bytes).toBeGreaterThan(sum * 0.99);
    const [logs] = signals;
    expect(orders!.bytesBySignal.logs / logs!.bytes).toBeCloseTo(2 / 3, 3);
    expect(gateway!.bytesBySignal).toMatchObject({ metrics: 0, rollups: 0 });
  });

  it('of the disk', async () => {
    const { totalBytes, freeBytes } = await storage.disk();
    expect(freeBytes).toBeGreaterThan(0);
    expect(totalBytes).toBeGreaterThan(freeBytes);
  });
});

describe('the sweep of expired days', () => {
  it('drops a day of a signal when all of it is older than the retention', async () => {
    const clock = new VirtualClock(NOW);
    let retention = { logsMs: 10 * DAY, tracesMs: 10 * DAY, metricsMs: 10 * DAY };
    const sweep = new ExpirySweep({ stored: storage, retention: () => retention, clock, logger: silentLogger });
    await store.clickHouse.command(
      `INSERT INTO otel_logs (Timestamp, ServiceName)
       SELECT fromUnixTimestamp64Milli(toInt64({now:Int64} - (6 + number) * ${DAY})), 'old' FROM numbers(2)`,
      { parameters: { now: NOW } },
    );
    const oldest = async () => (await storage.days()).map(({ day }) => day)[0];
    await sweep.sweep();
    expect(await oldest()).toBe('2026-05-03');
    // Noon of the 10th less six and a half days: the 3rd is over by then, the 4th is not.
    retention = { ...retention, logsMs: 6.5 * DAY };
    await sweep.sweep();
    expect(await oldest()).toBe('2026-05-04');
    retention = { ...retention, logsMs: 4.5 * DAY };
    await sweep.sweep();
    expect(await oldest()).toBe('2026-05-06');
  });

  it('is repeated every hour', async () => {
    const clock = new VirtualClock(NOW);
    let looked = 0;
    const stored = {
      days: async () => {
        looked++;
        return [];
      },
      dropDay: async () => undefined,
    };
    const retention = { logsMs: DAY, tracesMs: DAY, metricsMs: DAY };
    const sweep = new ExpirySweep({ stored, retention: () => retention, clock, logger: silentLogger });
    sweep.start();
    await clock.advance(2 * 3_600_000);
    expect(looked).toBe(3);
    await sweep.stop();
  });
});

describe('the disk budget', () => {
  const daysOf = async (table: string) =>
    (await storage.days()).filter(({ tables }) => tables.includes(table)).map(({ day }) => day);

  it('drops the oldest days of all signals until it is met, on its timer, and never the running day', async () => {
    const clock = new VirtualClock(NOW);
    const days = await storage.days();
    expect(days.map(({ day }) => day)).toEqual([
      '2026-05-06',
      '2026-05-07',
      '2026-05-08',
      '2026-05-09',
      '2026-05-10',
      '2026-05-11',
    ]);
    const used = await storage.bytes();
    const limitBytes = used - days[0]!.bytes - Math.round(days[1]!.bytes / 2);
    const budget = new DiskBudget({ stored: storage, limitBytes, clock, logger: silentLogger });
    await budget.check();
    expect(await daysOf('otel_logs')).toEqual(['2026-05-08', '2026-05-09', '2026-05-10', '2026-05-11']);
    expect(await daysOf('otel_traces')).toEqual(await daysOf('otel_logs'));
    expect(budget.state).toMatchObject({
      droppedDays: 2,
      exceeded: false,
      lastDropped: { day: '2026-05-07', at: NOW },
    });
    expect(budget.state.usedBytes).toBeLessThanOrEqual(limitBytes);
    expect(budget.state.droppedBytes).toBe(days[0]!.bytes + days[1]!.bytes);
    await budget.check();
    expect(budget.state.droppedDays).toBe(2);
  });

  it('is exceeded rather than today is lost', async () => {
    const errors: unknown[] = [];
    const logger = { ...silentLogger, error: (_: unknown, message: string) => void errors.push(message) };
    const clock = new VirtualClock(NOW);
    const budget = new DiskBudget({ stored: storage, limitBytes: 1, clock, logger });
    budget.start();
    await expect.poll(() => budget.state.exceeded).toBe(true);
    expect(await daysOf('otel_logs')).toEqual(['2026-05-10', '2026-05-11']);
    await clock.advance(60_000);
    await budget.stop();
    expect(errors).toEqual([expect.stringMatching(/less than a day/)]);
    expect(await daysOf('otel_logs')).toEqual(['2026-05-10', '2026-05-11']);
  });

  it('drops rollups of metrics last', async () => {
    const days = [
      { day: '2026-01-01', bytes: 1, tables: ['metric_rollups'] },
      { day: '2026-05-08', bytes: 10, tables: ['metric_rollups', 'otel_logs'] },
    ];
    const dropped: string[] = [];
    const stored = {
      days: async () => days.filter(({ tables }) => tables.length > 0),
      bytes: async () => 10 * days.flatMap(({ tables }) => tables).length,
      dropDay: async ({ day, tables }: { day: string; tables: readonly string[] }) => {
        dropped.push(`${day} ${tables}`);
        const left = days.find((each) => each.day === day)!;
        left.tables = left.tables.filter((table) => !tables.includes(table));
      },
    };
    const budget = { stored, limitBytes: 10, clock: new VirtualClock(NOW), logger: silentLogger };
    await new DiskBudget(budget).check();
    expect(dropped).toEqual(['2026-05-08 otel_logs', '2026-01-01 metric_rollups']);
  });

  it('looks again every minute', async () => {
    const clock = new VirtualClock(NOW);
    const measured: number[] = [];
    const stored = {
      days: async () => [],
      bytes: async () => measured.push(clock.now()),
      dropDay: async () => undefined,
    };
    const budget = new DiskBudget({ stored, limitBytes: 100, clock, logger: silentLogger });
    budget.start();
    await clock.advance(120_000);
    expect(measured).toEqual([NOW, NOW + 60_000, NOW + 120_000]);
    await budget.stop();
    await clock.advance(120_000);
    expect(measured).toHaveLength(3);
  });
});

describe('retention set at run time', () => {
  const configured = { metricsMs: 30 * DAY, logsMs: 14 * DAY, tracesMs: 7 * DAY };
  const dataDir = mkdtempSync(join(tmpdir(), 'retention-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));
  const open = () => new RetentionSetting({ dataDir, configured, logger: silentLogger });

  it('wins over the configured one, also after a restart, until it is set back', () => {
    const setting = open();
    expect(setting.current).toEqual(configured);
    setting.change({ logs: 3 * DAY });
    expect(setting.current).toEqual({ ...configured, logsMs: 3 * DAY });
    expect(open().current).toEqual({ ...configured, logsMs: 3 * DAY });
    expect(open().of('logs')).toEqual({ milliseconds: 3 * DAY, isConfigured: false });
    expect(open().of('traces')).toEqual({ milliseconds: 7 * DAY, isConfigured: true });
    setting.change({ logs: null, rollups: 365 * DAY });
    expect(open().current).toEqual({ ...configured, rollupsMs: 365 * DAY });
    setting.change({ rollups: DAY });
    expect(open().of('rollups')).toEqual({ milliseconds: 30 * DAY, isConfigured: false });
    setting.change({ rollups: null });
    expect(open().current).toEqual(configured);
  });

  it('that is damaged is not guessed', () => {
    for (const content of ['{"logs":', '{"logs":"3d"}', '{"spans":1}', '7']) {
      writeFileSync(join(dataDir, 'retention.json'), content);
      expect(open, content).toThrow(/retention\.json is damaged: delete it/);
    }
    expect(readFileSync(join(dataDir, 'retention.json'), 'utf8')).toBe('7');
  });
});
