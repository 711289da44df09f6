import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestEngine } from '../../../../../tests/support/test-engine.ts';
import { VirtualClock } from '../../../../../tests/support/virtual-clock.ts';
import type { LabelMatcher } from '../../../model/label-matcher.ts';
import type { Labels } from '../../../model/labels.ts';
import type { SeriesSamples } from '../../../model/metric.ts';
import type { ClickHouseEngine } from '../click-house.ts';
import { DirectSink } from './direct-sink.ts';
import { ClickHouseMetricStore } from './metric-store.ts';
import { migrate } from './schema/migrations.ts';
import { seriesId } from './series-index.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const DAY = 86_400_000;
function samples(name: string, labels: Labels, points: readonly (readonly [number, number])[]): SeriesSamples {
  return {
    name,
    labels,
    type: 'gauge',
    unit: '',
    help: '',
    timestamps: points.map(([time]) => time),
    values: points.map(([, value]) => value),
  };
}

/** `name{label=~"value"}` and the like, as matchers. */
function matchers(selector: string): LabelMatcher[] {
  const [, name, inside] = /^([\w:]*)(?:\{(.*)\})?$/s.exec(selector)!;
  const labels = [...(inside ?? '').matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(([, label, operator, value]) => ({
    name: label!,
    operator: operator as LabelMatcher['operator'],
    value: value!,
  }));
  return [...(name ? [{ name: '__name__', operator: '=' as const, value: name }] : []), ...labels];
}

const HEADS = {
  'the table alone': undefined,
  'the head before the table': {},
  'a head that holds but the last minutes': { windowMs: 3_540_000 },
} as const;

describe.each(Object.entries(HEADS))('a metric store: %s', (_, head) => {
  const path = mkdtempSync(join(tmpdir(), 'metric-store-'));
  const clock = new VirtualClock(Date.UTC(2026, 10, 23, 12));
  const T = clock.now() - 3_600_000;
  const ALWAYS = { start: 0, end: clock.now() + DAY };
  let engine: ClickHouseEngine;
  let store: ClickHouseMetricStore;

  const openStore = () =>
    ClickHouseMetricStore.open({
      clickHouse: engine,
      sinks: (table) => new DirectSink(engine, table, silent),
      retention: { metricsMs: 30 * DAY, logsMs: DAY, tracesMs: DAY },
      clock,
      head,
      logger: silent,
    });

  beforeAll(async () => {
    engine = await openTestEngine(path);
    await migrate(engine, silent);
    store = await openStore();
  });

  afterAll(async () => {
    await store.close();
    await engine.close();
    rmSync(path, { recursive: true, force: true });
  });

  async function select(selector: string, range = ALWAYS) {
    const series = await store.select(matchers(selector), range);
    return series.map(({ labels, timestamps, values }) => ({
      labels,
      points: [...timestamps].map((time, index) => [time, values[index]]),
    }));
  }

  describe('samples', () => {
    it('come back by series, in order of time, with both ends of the range', async () => {
      await store.writeSamples([
        samples('ordered', { host: 'b' }, [[T + 3, 3]]),
        samples('ordered', { host: 'a' }, [
          [T + 2, 2],
          [T + 1, 1],
          [T + 4, 4],
        ]),
      ]);
      const found = await select('ordered', { start: T + 1, end: T + 3 });
      expect(found).toHaveLength(2);
      expect(found).toContainEqual({
        labels: { __name__: 'ordered', host: 'a' },
        points: [
          [T + 1, 1],
          [T + 2, 2],
        ],
      });
      expect(found).toContainEqual({ labels: { __name__: 'ordered', host: 'b' }, points: [[T + 3, 3]] });
      expect(await select('ordered', { start: T + 5, end: T + 9 })).toEqual([]);
      expect(await select('nothing')).toEqual([]);
    });

    it('count once for a timestamp: the last written wins', async () => {
      await store.writeSamples([
        samples('repeated', {}, [
          [T, 1],
          [T, 2],
          [T + 1, 3],
        ]),
        samples('repeated', {}, [[T + 1, 4]]),
      ]);
      expect((await select('repeated'))[0]!.points).toEqual([
        [T, 2],
        [T + 1, 4],
      ]);
      await store.writeSamples([samples('repeated', {}, [[T, 5]])]);
      await engine.command('OPTIMIZE TABLE metric_samples FINAL');
      await store.writeSamples([samples('repeated', {}, [[T + 1, 6]])]);
      expect((await select('repeated'))[0]!.points).toEqual([
        [T, 5],
        [T + 1, 6],
      ]);
    });

    it('keep stale markers and every other value to the bit', async () => {
      const values = new Float64Array(5);
      const bits = new BigUint64Array(values.buffer);
      bits.set([0x7ff0000000000002n, 0x7ff8000000000001n, 0x8000000000000000n, 0x7ff0000000000000n, 1n]);
      const timestamps = [T, T + 1, T + 2, T + 3, T + 4];
      await store.writeSamples([{ ...samples('bits', {}, []), timestamps, values }]);
      // As JavaScript hands a stale marker on once it has passed through a plain array on some processors.
      const quiet = new Float64Array(new BigUint64Array([0x7ff8000000000002n]).buffer);
      await store.writeSamples([{ ...samples('bits', {}, []), timestamps: [T + 5], values: quiet }]);
      const [found] = await store.select(matchers('bits'), ALWAYS);
      expect([...new BigUint64Array(found!.values.slice().buffer)]).toEqual([...bits, 0x7ff0000000000002n]);
    });

    it('are refused in whole where they cannot be stored', async () => {
      const uneven = { ...samples('uneven', {}, [[T, 1]]), values: [1, 2] };
      await expect(store.writeSamples([samples('uneven', { a: 'b' }, [[T, 1]]), uneven])).rejects.toMatchObject({
        code: 'invalid',
      });
      const years = samples(
        'years',
        {},
        Array.from({ length: 500 }, (_, day) => [T - day * DAY, 1] as const),
      );
      await expect(store.writeSamples([years])).rejects.toMatchObject({ code: 'invalid' });
      expect(await select('uneven')).toEqual([]);
      expect(await select('years')).toEqual([]);
    });

    it('are read up to a bound that the error names', async () => {
      await store.writeSamples([
        samples(
          'many',
          {},
          Array.from({ length: 11 }, (_, index) => [T + index, index] as const),
        ),
      ]);
      expect(await store.select(matchers('many'), ALWAYS, { maxSamples: 11 })).toHaveLength(1);
      await expect(store.select(matchers('many'), ALWAYS, { maxSamples: 10 })).rejects.toMatchObject({
        code: 'invalid',
        message: expect.stringContaining('more than 10 samples'),
      });
    });

    it('of several metrics and many days come in one answer', async () => {
      const points = Array.from({ length: 40 }, (_, day) => [T - day * DAY, day] as const);
      await store.writeSamples([samples('days_a', {}, points), samples('days_b', {}, points)]);
      const found = await select('{__name__=~"days_.*"}');
      expect(found.map((series) => series.points.length)).toEqual([40, 40]);
      expect(found[0]!.points[0]).toEqual([T - 39 * DAY, 39]);
    });

    it('of writers at the same time are all there', async () => {
      await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          store.writeSamples([samples('parallel', { writer: String(index % 10) }, [[T + index, index]])]),
        ),
      );
      const found = await select('parallel');
      expect(found).toHaveLength(10);
      expect(found.flatMap((series) => series.points)).toHaveLength(50);
    });
  });

  describe('matchers', () => {
    beforeAll(() =>
      store.writeSamples(
        [
          { job: 'api', env: 'prod', path: '/a\nb' },
          { job: 'api', env: 'test' },
          { job: 'web', env: 'prod' },
          { job: 'web' },
        ].map((labels) => samples('requests', labels as Labels, [[T, 1]])),
      ),
    );

    const f = (selector: string, expected: readonly string[]) =>
      it(selector, async () => {
        const found = await select(selector);
        expect(found.map(({ labels }) => `${labels.job}-${labels.env ?? ''}`).sort()).toEqual(expected);
      });

    f('requests', ['api-prod', 'api-test', 'web-', 'web-prod']);
    f('requests{job="api"}', ['api-prod', 'api-test']);
    f('requests{env=""}', ['web-']);
    f('requests{env!=""}', ['api-prod', 'api-test', 'web-prod']);
    f('requests{env!="prod"}', ['api-test', 'web-']);
    f('requests{job=~"api|web",env="prod"}', ['api-prod', 'web-prod']);
    f('requests{env=~"|test"}', ['api-test', 'web-']);
    f('requests{env=~"pro"}', []);
    f('requests{env=~"pro."}', ['api-prod', 'web-prod']);
    f('requests{env=~".*"}', ['api-prod', 'api-test', 'web-', 'web-prod']);
    f('requests{env=~".+"}', ['api-prod', 'api-test', 'web-prod']);
    f('requests{env!~"p.*"}', ['api-test', 'web-']);
    f('requests{path=~"/a.b"}', ['api-prod']);
    f('requests{other="x"}', []);
    f('requests{other!="x",job="web"}', ['web-', 'web-prod']);

    it('with a wrong regular expression are refused', async () => {
      await expect(select('requests{job=~"("}')).rejects.toMatchObject({ code: 'invalid' });
    });
  });

  describe('labels', () => {
    it('are listed for the series that match', async () => {
      const sets = [matchers('requests{job="web"}'), matchers('requests{env="test"}')];
      expect(await store.labelNames(sets, ALWAYS)).toEqual(['__name__', 'env', 'job']);
      expect(await store.labelValues('env', sets, ALWAYS)).toEqual(['prod', 'test']);
      expect(await store.series(sets, ALWAYS)).toHaveLength(3);
      expect(await store.series(sets, ALWAYS, 2)).toHaveLength(2);
      expect(await store.labelValues('__name__', [], ALWAYS)).toContain('requests');
      expect(await store.series(sets, { start: 0, end: T - 1 })).toEqual([]);
    });
  });

  describe('descriptions', () => {
    it('take what senders know, and keep it over a restart', async () => {
      const base = samples('latency_seconds', {}, [[T, 1]]);
      await store.writeSamples([{ ...base, type: 'histogram', unit: 'seconds', help: 'How long' }]);
      await store.writeSamples([{ ...base, type: 'unknown', timestamps: [T + 1] }]);
      await store.writeSamples([{ ...base, type: 'unknown', labels: { newer: 'yes' }, timestamps: [T + 2] }]);
      const expected = {
        name: 'latency_seconds',
        type: 'histogram',
        unit: 'seconds',
        help: 'How long',
        seriesCount: 2,
      };
      expect(await store.describe()).toContainEqual(expected);
      const before = await store.describe();
      await store.close();
      store = await openStore();
      expect(await store.describe()).toEqual(before);
      expect((await select('latency_seconds{newer=""}'))[0]!.points).toHaveLength(2);
    });
  });

  describe('series', () => {
    const rows = async () =>
      (await engine.query<{ rows: number }>("SELECT count() AS rows FROM metric_series WHERE metric = 'steady'"))[0]!
        .rows;

    it('have the same id whatever the order of their labels', () => {
      expect(seriesId('m', { a: '1', b: '2' })).toBe(seriesId('m', { b: '2', a: '1' }));
      expect(seriesId('m', { a: '1' })).not.toBe(seriesId('m', { a: '12' }));
      // A change would orphan what is stored.
      expect(seriesId('m', { a: '1', b: '2' })).toBe(5568331741052614623n);
    });

    it('cost a row when they appear and one now and then, not one a sample', async () => {
      for (let minute = 0; minute < 20; minute++) {
        await store.writeSamples([samples('steady', {}, [[T + minute * 60_000, minute]])]);
      }
      await engine.command('OPTIMIZE TABLE metric_series FINAL');
      expect(await rows()).toBe(1);
      expect(store.writerStats.metric_series!.writtenRows).toBeLessThan(10);
    });

    it('cost a row an hour of samples that come from the past', async () => {
      const before = store.writerStats.metric_series!.writtenRows;
      for (let minute = 0; minute < 360; minute += 15) {
        await store.writeSamples([samples('caught_up', {}, [[T - DAY + minute * 60_000, minute]])]);
      }
      expect(store.writerStats.metric_series!.writtenRows - before).toBeLessThanOrEqual(6);
    });

    it('are found after a restart up to their newest sample', async () => {
      const newest = T + 19 * 60_000;
      await store.close();
      store = await openStore();
      expect((await select('steady', { start: newest, end: newest }))[0]!.points).toEqual([[newest, 19]]);
    });

    it('are forgotten when all their samples are too old', async () => {
      expect(await store.series([matchers('steady')], ALWAYS)).toHaveLength(1);
      await clock.advance(31 * DAY);
      expect(await store.series([matchers('steady')], ALWAYS)).toEqual([]);
      expect(store.seriesCount).toBe(0);
    });
  });
});
