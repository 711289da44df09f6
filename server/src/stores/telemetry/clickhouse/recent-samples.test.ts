import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestEngine } from '../../../../../tests/support/test-engine.ts';
import { VirtualClock } from '../../../../../tests/support/virtual-clock.ts';
import type { Labels } from '../../../model/labels.ts';
import type { ClickHouseEngine } from '../click-house.ts';
import { Head } from '../head/head.ts';
import { DirectSink } from './direct-sink.ts';
import { ClickHouseMetricStore } from './metric-store.ts';
import { readRecentFirst } from './recent-samples.ts';
import { migrate } from './schema/migrations.ts';
import { SeriesIndex } from './series-index.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const MINUTE = 60_000;
const DAY = 86_400_000;
const path = mkdtempSync(join(tmpdir(), 'recent-samples-'));
const clock = new VirtualClock(Date.UTC(2026, 10, 23, 12));
let engine: ClickHouseEngine;

const openStore = () =>
  ClickHouseMetricStore.open({
    clickHouse: engine,
    sinks: (table) => new DirectSink(engine, table, silent),
    head: { windowMs: 20 * MINUTE },
    retention: { metricsMs: 30 * DAY, logsMs: DAY, tracesMs: DAY },
    clock,
    logger: silent,
  });

beforeAll(async () => {
  engine = await openTestEngine(path);
  await migrate(engine, silent);
});

afterAll(async () => {
  await engine.close();
  rmSync(path, { recursive: true, force: true });
});

/** Minutes around now, in hundredths. */
const offset = fc.integer({ min: -6000, max: 1000 });
const run = fc.record({
  series: fc.integer({ min: 0, max: 2 }),
  start: offset,
  step: fc.constantFrom(-25, 0, 25, 100),
  count: fc.integer({ min: 1, max: 60 }),
});
const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.array(run, { minLength: 1, maxLength: 4 }).map((runs) => ({ kind: 'write', runs }) as const),
  },
  { weight: 2, arbitrary: fc.tuple(offset, offset).map(([a, b]) => ({ kind: 'read', a, b }) as const) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 15 }).map((minutes) => ({ kind: 'wait', minutes }) as const) },
  { weight: 1, arbitrary: fc.boolean().map((whole) => ({ kind: 'restart', whole }) as const) },
);

describe('samples from head and table', () => {
  let runs = 0;
  let value = 0;

  it('are what a plain list gives, whatever the order of writes, reads and restarts', async () => {
    let store = await openStore();
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 14 }), async (steps) => {
        const name = `property_${++runs}`;
        const start = clock.now();
        const model = new Map<string, Map<number, number>>();
        const read = async (from: number, to: number) => {
          const found = await store.select([{ name: '__name__', operator: '=', value: name }], {
            start: from,
            end: to,
          });
          const answer = Object.fromEntries(
            found.map(({ labels, timestamps, values }) => [
              labels.series!,
              [...timestamps].map((time, index) => [time, values[index]!]),
            ]),
          );
          const expected = [...model].map(([series, samples]) => [
            series,
            [...samples].filter(([time]) => time >= from && time <= to).sort(([a], [b]) => a - b),
          ]);
          expect(answer).toEqual(Object.fromEntries(expected.filter(([, samples]) => samples!.length > 0)));
        };
        for (const one of steps) {
          if (one.kind === 'write') {
            const batch = one.runs.map(({ series, start: at, step: by, count }) => {
              const timestamps = Array.from({ length: count }, (_, index) => start + (at + index * by) * 600);
              const values = timestamps.map(() => ++value);
              const samples = model.get(String(series)) ?? new Map<number, number>();
              model.set(String(series), samples);
              for (const [index, time] of timestamps.entries()) samples.set(time, values[index]!);
              const labels = { series: String(series) };
              return { name, labels, type: 'gauge', unit: '', help: '', timestamps, values } as const;
            });
            await store.writeSamples(batch);
          } else if (one.kind === 'wait') await clock.advance(one.minutes * MINUTE);
          else if (one.kind === 'read') {
            await read(start + Math.min(one.a, one.b) * 600, start + Math.max(one.a, one.b) * 600);
          } else {
            await store.close();
            store = await openStore();
            if (one.whole) await store.loaded();
          }
        }
        await read(0, start + DAY);
      }),
      { numRuns: 25 },
    );
    await store.close();
  }, 120_000);

  it('have no gap where the head lets go of some while they are read', async () => {
    const head = new Head({ windowMs: 3 * DAY, coverageStart: 0 });
    const timestamps = Array.from({ length: 80_000 }, (_, index) => index * 1000);
    const index = new SeriesIndex();
    const facts = {
      type: 'gauge',
      unit: '',
      help: '',
      firstSeen: 0,
      lastSeen: DAY,
      lagMs: 0,
      stored: undefined,
    } as const;
    const entries = ['a', 'b', 'c', 'd'].map((name) => {
      const entry = index.add({ name, labels: {} }, facts);
      entry.recent = head.newSeries();
      head.append(entry.recent, timestamps, timestamps);
      return entry;
    });
    const stored = async (wanted: readonly { labels: Labels }[], { end }: { end: number }) => {
      const times = Float64Array.from(timestamps.filter((time) => time <= end));
      return wanted.map(({ labels }) => ({ labels, timestamps: times, values: times }));
    };
    const reading = readRecentFirst(head, entries, { start: 0, end: DAY }, 1e6, stored);
    // It has come to its first pause.
    head.tidy(3 * DAY + 40_000_000);
    expect(head.coverageStart).toBe(40_000_000);
    const found = await reading;
    expect(found.map(({ timestamps: times }) => times.length)).toEqual([80_000, 80_000, 80_000, 80_000]);
    expect([...found[3]!.timestamps]).toEqual(timestamps);
  });

  it('tell whoever keeps what was read what has changed since', async () => {
    const store = await openStore();
    const now = clock.now();
    const write = (name: string, time: number, more: { startTimestamps?: number[] } = {}) =>
      store.writeSamples([
        { name, labels: {}, type: 'counter', unit: '', help: '', timestamps: [time], values: [1], ...more },
      ]);
    await write('told_a', now - MINUTE);
    const { changes } = store;
    const mark = changes!.mark();
    expect(changes!.earliestSince(mark, new Set(['told_a', 'told_b']))).toBe(Number.POSITIVE_INFINITY);
    await write('told_a', now - 3 * MINUTE);
    await write('told_b', now - 2 * MINUTE);
    expect(changes!.earliestSince(mark, new Set(['told_a']))).toBe(now - 3 * MINUTE);
    expect(changes!.earliestSince(mark, new Set(['told_b']))).toBe(now - 2 * MINUTE);
    expect(changes!.earliestSince(mark, undefined)).toBe(now - 3 * MINUTE);
    expect(changes!.keptFrom()).toBe(clock.now() - 30 * DAY);
    await write('told_b', now, { startTimestamps: [now - DAY] });
    expect(changes!.earliestSince(changes!.mark(), new Set(['told_b']))).toBe(Number.NEGATIVE_INFINITY);
    const later = changes!.mark();
    store.samplesRemoved();
    expect(changes!.earliestSince(later, new Set(['told_a']))).toBe(Number.NEGATIVE_INFINITY);
    await store.close();
  });

  it('do not count as known where a late write is still on its way into the table', async () => {
    // The samples above reach into their future, where the head would begin.
    await clock.advance(120 * MINUTE);
    const outcomes: boolean[] = [false];
    const settling = await ClickHouseMetricStore.open({
      clickHouse: engine,
      sinks: (table) => new DirectSink(engine, table, silent),
      head: { windowMs: 20 * MINUTE },
      settled: async () => outcomes.shift() ?? true,
      retention: { metricsMs: 30 * DAY, logsMs: DAY, tracesMs: DAY },
      clock,
      logger: silent,
    });
    const write = (time: number) =>
      settling.writeSamples([
        { name: 'settling', labels: {}, type: 'gauge', unit: '', help: '', timestamps: [time], values: [1] },
      ]);
    const retained = () => clock.now() - 30 * DAY;
    const { changes } = settling;
    await write(clock.now());
    expect(changes!.keptFrom()).toBe(retained());
    await write(clock.now() - DAY);
    expect(changes!.keptFrom()).toBeGreaterThan(retained() + DAY);
    await clock.advance(MINUTE);
    expect(changes!.keptFrom()).toBeGreaterThan(retained() + DAY);
    await clock.advance(MINUTE);
    expect(changes!.keptFrom()).toBe(retained());
    await settling.close();
  });
});
