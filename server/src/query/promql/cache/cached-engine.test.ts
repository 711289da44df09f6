import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemorySeriesSource } from '../../../../../tests/support/memory-series-source.ts';
import { systemClock } from '../../../model/clock.ts';
import { METRIC_NAME } from '../../../model/labels.ts';
import { createPromqlEngine } from '../index.ts';
import { CachedEngine } from './cached-engine.ts';
import type { SourceChanges } from './source-changes.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const STEP = 15 * SECOND;

/** A source that counts what is asked of it, with writes that are told exactly. */
function setUp(options: { keptFrom?: number; memoryBytes?: number } = {}) {
  const source = new MemorySeriesSource();
  const writes: { metric: string; time: number }[] = [];
  const changes: SourceChanges = {
    mark: () => writes.length,
    earliestSince: (mark, metrics) =>
      Math.min(
        Number.POSITIVE_INFINITY,
        ...writes
          .slice(mark)
          .filter(({ metric }) => !metrics || metrics.has(metric))
          .map(({ time }) => time),
      ),
    keptFrom: () => options.keptFrom ?? Number.NEGATIVE_INFINITY,
  };
  let asked = 0;
  const engine = createPromqlEngine({
    source: {
      select: (matchers, range) => {
        asked++;
        return source.select(matchers, range);
      },
    },
    clock: systemClock,
  });
  const cached = new CachedEngine({ engine, changes, ...options });
  const write = (metric: string, instance: string, time: number, value: number | 'stale') => {
    source.add({ [METRIC_NAME]: metric, instance }, [value], 1, time);
    writes.push({ metric, time });
  };
  return { engine, cached, write, questions: () => asked };
}

/** Sixty samples a series, one every 15 s. */
function fill(write: ReturnType<typeof setUp>['write']): void {
  for (const [metric, instances] of [
    ['a_total', ['1', '2']],
    ['b', ['1', '2', '3']],
  ] as const) {
    for (const instance of instances)
      for (let i = 0; i < 60; i++) write(metric, instance, i * STEP, i * Number(instance));
  }
}

describe('CachedEngine', () => {
  const range = { start: 2 * MINUTE, end: 10 * MINUTE, step: MINUTE };

  it('reads nothing for what it knows, and only what is new for a window that moved on', async () => {
    const { cached, engine, write, questions } = setUp();
    fill(write);
    const first = await cached.range('sum(rate(a_total[1m]))', range);
    const before = questions();
    expect((await cached.range('sum(rate(a_total[1m]))', range)).result).toEqual(first.result);
    const part = { start: 4 * MINUTE, end: 7 * MINUTE, step: MINUTE };
    expect(await valuesOf(cached, 'sum(rate(a_total[1m]))', part)).toEqual(
      await valuesOf(engine, 'sum(rate(a_total[1m]))', part),
    );
    expect(questions()).toBe(before + 1);
    expect(cached.stats).toMatchObject({ entries: 1, stepsFound: 13, stepsEvaluated: 9 });
    const moved = { start: 3 * MINUTE, end: 11 * MINUTE, step: MINUTE };
    await cached.range('sum(rate(a_total[1m]))', moved);
    expect(cached.stats).toMatchObject({ stepsFound: 21, stepsEvaluated: 10 });
  });

  it.each([
    ['a time that is fixed', 'a_total @ 300'],
    ['an end of the range', 'a_total @ end()'],
    ['a choice by order', 'limitk(1, b)'],
    ['names that are dropped at some steps', 'max_over_time(b[1m]) or b'],
    ['names that are set', 'label_replace(b, "__name__", "c", "instance", "2")'],
    ['names that are kept apart', 'sum by (__name__) (b)'],
    ['an annotation, which belongs to some of the steps', 'rate(b[1m])'],
  ])('keeps nothing for %s', async (_, query) => {
    const { cached, write } = setUp();
    fill(write);
    await cached.range(query, range);
    expect(cached.stats.entries).toBe(0);
  });

  it('keeps nothing that was not asked to be kept, or is evaluated anew', async () => {
    const { cached, write } = setUp({ keptFrom: 20 * MINUTE });
    fill(write);
    await cached.range('b', range, { isUncached: true });
    await cached.range('b', range);
    expect(cached.stats.entries).toBe(0);
  });

  it('stays within its memory', async () => {
    const { cached, write } = setUp({ memoryBytes: 20_000 });
    fill(write);
    for (let i = 0; i < 50; i++) await cached.range(`b + ${i}`, range);
    expect(cached.stats.entries).toBeGreaterThan(1);
    expect(cached.stats.bytes).toBeLessThanOrEqual(20_000);
  });

  it('refuses what the engine refuses', async () => {
    const { cached } = setUp();
    await expect(cached.range('b', { ...range, step: 0 })).rejects.toThrow('step: must be above zero');
    await expect(cached.range('b', { start: 0, end: 1e9, step: 1 })).rejects.toThrow('more than the limit');
  });

  it('gives what the engine gives, whatever is asked in between and written late', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(query, { minLength: 1, maxLength: 3 }), actions, async (queries, list) => {
        const { cached, engine, write } = setUp();
        fill(write);
        for (const { start, steps, step, late } of list) {
          if (late) write(late.metric, late.instance, late.time, late.value);
          const asked = { start, end: start + steps * step, step };
          for (const text of queries) {
            expect(await valuesOf(cached, text, asked)).toEqual(await valuesOf(engine, text, asked));
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});

const selector = fc.constantFrom('a_total', 'b', 'b{instance!="1"}', '{instance="2"}');
const offset = fc.constantFrom('', ' offset 1m', ' offset -90s', ' offset step()');
const vector = fc
  .tuple(selector, offset, fc.constantFrom('45s', '2m'))
  .chain(([name, by, width]) =>
    fc.constantFrom(
      `${name}${by}`,
      `increase(${name}[${width}]${by})`,
      `max_over_time(${name}[${width}]${by})`,
      `last_over_time(${name}[${width}]${by})`,
      `absent_over_time(${name}[${width}]${by})`,
      `max_over_time(increase(${name}[${width}])[3m:30s]${by})`,
      `increase(${name}[${width}] smoothed${by})`,
    ),
  );
const query = fc.oneof(
  vector,
  vector.map((inner) => `sum by (instance) (${inner})`),
  vector.map((inner) => `topk(1, ${inner}) > 3`),
  fc.tuple(vector, vector).map(([a, b]) => `(${a}) or (${b})`),
  fc.tuple(vector, vector).map(([a, b]) => `sum by (instance) (${a}) or (max by (instance) (${b}) / 2) or vector(0)`),
  fc.tuple(vector, vector).map(([a, b]) => `${a} unless on (instance) ${b}`),
  fc.tuple(vector, vector).map(([a, b]) => `count(${a}) + count(${b})`),
  vector.map((inner) => `timestamp(b) - time() + count(${inner})`),
  selector.map((name) => `${name} @ 400 or ${name} @ start()`),
);
const action = fc.record({
  start: fc.integer({ min: 0, max: 40 }).map((i) => i * 30 * SECOND),
  steps: fc.integer({ min: 0, max: 12 }),
  step: fc.constantFrom(30 * SECOND, 30 * SECOND, 60 * SECOND),
  late: fc.option(
    fc.record({
      metric: fc.constantFrom('a_total', 'b'),
      instance: fc.constantFrom('1', '2', '4'),
      time: fc.integer({ min: 0, max: 80 }).map((i) => i * STEP - 1),
      value: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.constant('stale' as const)),
    }),
  ),
});

const actions = fc.array(action, { minLength: 2, maxLength: 12 });

/** Series by their labels, in the order of the answer, with the bits of their values. */
async function valuesOf(
  engine: { range: CachedEngine['range'] },
  query: string,
  range: { start: number; end: number; step: number },
): Promise<unknown> {
  const { result } = await engine.range(query, range).catch((error: Error) => ({ result: error.message }));
  if (typeof result === 'string') return result;
  return result.series.map(({ labels, timestamps, values }) => [labels, [...timestamps], [...values]]);
}
