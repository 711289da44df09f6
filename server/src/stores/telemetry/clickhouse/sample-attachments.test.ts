import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openTestEngine } from '../../../../../tests/support/test-engine.ts';
import { VirtualClock } from '../../../../../tests/support/virtual-clock.ts';
import type { HistogramSample, SeriesSamples } from '../../../model/metric.ts';
import { CUSTOM_BUCKETS, EMPTY_HISTOGRAM, type NativeHistogram } from '../../../model/native-histogram.ts';
import { STALE_MARKER_BITS } from '../../../model/stale-marker.ts';
import type { ClickHouseEngine } from '../click-house.ts';
import { DirectSink } from './direct-sink.ts';
import { ClickHouseMetricStore } from './metric-store.ts';
import { migrate } from './schema/migrations.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const DAY = 86_400_000;
const path = mkdtempSync(join(tmpdir(), 'sample-attachments-'));
const clock = new VirtualClock(Date.UTC(2026, 10, 23, 12));
const T = clock.now() - 3_600_000;
const ALWAYS = { start: 0, end: clock.now() + DAY };
let engine: ClickHouseEngine;
let store: ClickHouseMetricStore;
let name = '';
let count = 0;

const openStore = () =>
  ClickHouseMetricStore.open({
    clickHouse: engine,
    sinks: (table) => new DirectSink(engine, table, silent),
    retention: { metricsMs: 30 * DAY, logsMs: DAY, tracesMs: DAY },
    clock,
    logger: silent,
  });

beforeAll(async () => {
  engine = await openTestEngine(path);
  await migrate(engine, silent);
  store = await openStore();
});
beforeEach(() => {
  name = `metric_${++count}`;
});
afterAll(async () => {
  await store.close();
  await engine.close();
  rmSync(path, { recursive: true, force: true });
});

function series(parts: Partial<SeriesSamples>): SeriesSamples {
  return { name, labels: {}, type: 'histogram', unit: '', help: '', timestamps: [], values: [], ...parts };
}

const at = (minutes: number, histogram: NativeHistogram | undefined, startTimestamp = 0): HistogramSample => ({
  timestamp: T + minutes * 60_000,
  startTimestamp,
  histogram,
});

const select = async (range = ALWAYS) =>
  (await store.select([{ name: '__name__', operator: '=', value: name }], range))[0];

const WHOLE: NativeHistogram = {
  ...EMPTY_HISTOGRAM,
  schema: 3,
  count: 12,
  sum: -1.5,
  zeroThreshold: 1e-9,
  zeroCount: 2,
  positive: { indexes: [-4, -3, 7, 900], counts: [1, 5, 0, 1] },
  negative: { indexes: [0], counts: [3] },
  hint: 'not_reset',
};

describe('native histograms', () => {
  it('come back as they were written', async () => {
    const float: NativeHistogram = {
      ...WHOLE,
      schema: -4,
      count: 1.5,
      positive: { indexes: [1], counts: [1.5] },
      hint: 'gauge',
    };
    const custom: NativeHistogram = {
      ...EMPTY_HISTOGRAM,
      schema: CUSTOM_BUCKETS,
      customValues: [0.1, 2],
      count: 2,
      positive: { indexes: [0, 2], counts: [1, 1] },
    };
    const histograms = [WHOLE, float, custom, { ...WHOLE, sum: Number.NaN }];
    await store.writeSamples([series({ histograms: histograms.map((one, index) => at(index, one)) })]);
    const found = await select();
    expect(found!.histograms).toEqual(histograms);
    expect([...found!.timestamps]).toEqual([0, 1, 2, 3].map((minute) => T + minute * 60_000));
    expect(found!.startTimestamps).toBeUndefined();
  });

  it('stand between floats in the order of time, stale markers too', async () => {
    await store.writeSamples([
      series({ timestamps: [T, T + 120_000], values: [1, 2] }),
      series({ histograms: [at(1, WHOLE, T - 5), at(3, undefined), at(2, WHOLE)] }),
    ]);
    const { histograms, values, timestamps, startTimestamps } = (await select())!;
    expect(Array.from(timestamps, (time) => (time - T) / 60_000)).toEqual([0, 1, 2, 3]);
    expect(histograms).toEqual([undefined, WHOLE, WHOLE, undefined]);
    expect(values[0]).toBe(1);
    expect(new BigUint64Array(values.slice().buffer)[3]).toBe(STALE_MARKER_BITS);
    expect([...startTimestamps!]).toEqual([0, T - 5, 0, 0]);
  });

  it('that are written again are there once, the last one', async () => {
    await store.writeSamples([series({ histograms: [at(0, WHOLE), at(0, { ...WHOLE, count: 13 })] })]);
    await store.writeSamples([series({ histograms: [at(0, { ...WHOLE, count: 14 })] })]);
    expect((await select())!.histograms!.map((one) => one!.count)).toEqual([14]);
  });

  it('survive whatever their buckets are', async () => {
    const buckets = fc
      .dictionary(fc.integer({ min: -3000, max: 3000 }).map(String), fc.double({ min: 0, noNaN: true }), {
        maxKeys: 20,
      })
      .map((map) => {
        const indexes = Object.keys(map)
          .map(Number)
          .sort((a, b) => a - b);
        return { indexes, counts: indexes.map((index) => map[index]!) };
      });
    await fc.assert(
      fc.asyncProperty(buckets, buckets, fc.double(), async (positive, negative, sum) => {
        name = `metric_${++count}`;
        const histogram = { ...WHOLE, positive, negative, sum };
        await store.writeSamples([series({ histograms: [at(0, histogram)] })]);
        expect((await select())!.histograms).toEqual([histogram]);
      }),
      { numRuns: 30 },
    );
  });

  it('are refused beside samples of the same item', async () => {
    const both = series({ timestamps: [T], values: [1], histograms: [at(0, WHOLE)] });
    await expect(store.writeSamples([both])).rejects.toThrow(/has samples and histograms/);
  });

  it('are limited', async () => {
    await store.writeSamples([series({ histograms: [at(0, WHOLE), at(1, WHOLE)] })]);
    const matchers = [{ name: '__name__', operator: '=', value: name }] as const;
    await expect(store.select(matchers, ALWAYS, { maxSamples: 1 })).rejects.toThrow(/more than 1 native histograms/);
  });
});

describe('start timestamps', () => {
  /** Times and starts in minutes; `undefined` starts are not said. */
  const write = async (times: readonly number[], starts: readonly number[] | undefined) => {
    await store.writeSamples([
      series({
        timestamps: times.map((time) => T + time * 60_000),
        values: times,
        ...(starts && { startTimestamps: starts.map((start) => start && T + start * 60_000) }),
      }),
    ]);
  };
  const starts = async (from = -100, to = 600) => {
    const found = await select({ start: T + from * 60_000, end: T + to * 60_000 });
    return Array.from(found!.startTimestamps ?? [], (start) => start && (start - T) / 60_000);
  };

  it('belong to their samples', async () => {
    await write([0, 1, 2], [-1, -1, 1.5]);
    await write([3, 200], [1.5, 1.5]);
    await write([500], undefined);
    expect(await starts()).toEqual([-1, -1, 1.5, 1.5, 1.5, 0]);
    expect(await starts(1, 200)).toEqual([-1, 1.5, 1.5, 1.5]);
    expect(await starts(190, 210)).toEqual([1.5]);
  });

  it('cost a row a change and an hour', async () => {
    await write([-100], [-120]);
    const before = await countRows();
    for (let time = 0; time < 59; time++) await write([time], [-120]);
    expect((await countRows()) - before).toBe(1);
  });

  const countRows = async () => {
    const [row] = await engine.query<{ rows: number }>('SELECT count() AS rows FROM metric_start_timestamps');
    return row!.rows;
  };

  it('of a sample that comes late do not reach those behind it', async () => {
    await write([10, 20, 30], [5, 5, 5]);
    await write([15], [12]);
    await write([40], [5]);
    expect(await starts()).toEqual([5, 12, 5, 5, 5]);
  });

  it('are known after a restart, and exact where a write failed', async () => {
    await write([0], [-1]);
    const second = await openStore();
    const matchers = [{ name: '__name__', operator: '=', value: name }] as const;
    expect([...(await second.select(matchers, ALWAYS))[0]!.startTimestamps!]).toEqual([T - 60_000]);
    await second.close();
    const failing = await ClickHouseMetricStore.open({
      clickHouse: engine,
      sinks: (table) => {
        const sink = new DirectSink(engine, table, silent);
        let failures = table === 'metric_start_timestamps' ? 1 : 0;
        const take = sink.take.bind(sink);
        return Object.assign(sink, {
          take: (block: Buffer) => (failures-- > 0 ? Promise.reject(new Error('disk')) : take(block)),
        });
      },
      retention: { metricsMs: 30 * DAY, logsMs: DAY, tracesMs: DAY },
      clock,
      logger: silent,
    });
    const sample = series({ timestamps: [T + 60_000], values: [1], startTimestamps: [T + 30_000] });
    const both = [failing.writeSamples([sample]), failing.writeSamples([{ ...sample, timestamps: [T + 120_000] }])];
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toContain('rejected');
    await failing.writeSamples([sample]);
    await failing.writeSamples([{ ...sample, timestamps: [T + 120_000] }]);
    await failing.close();
    expect(await starts()).toEqual([-1, 0.5, 0.5]);
  });
});

describe('exemplars', () => {
  it('are found by the selectors of their series, each once', async () => {
    const exemplars = [
      { timestamp: T, value: 0.2, labels: { trace_id: 'ab', span_id: 'cd', user: 'x' } },
      { timestamp: T + 1, value: Number.NaN, labels: {} },
    ];
    const bucket = series({ labels: { le: '1' }, timestamps: [T], values: [1], exemplars });
    await store.writeSamples([bucket]);
    await store.writeSamples([bucket, series({ exemplars: [{ timestamp: T, value: 3, labels: {} }] })]);
    const find = (label: string, value: string) =>
      store.exemplars(
        [
          [
            { name: '__name__', operator: '=', value: name },
            { name: label, operator: '=', value },
          ],
        ],
        ALWAYS,
      );
    expect(await find('le', '1')).toEqual([{ labels: { __name__: name, le: '1' }, exemplars }]);
    expect(await find('le', '')).toMatchObject([{ labels: { __name__: name }, exemplars: [{ value: 3 }] }]);
    expect(await find('le', '2')).toEqual([]);
  });
});
