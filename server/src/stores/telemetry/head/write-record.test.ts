import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { listOf, WriteRecord } from './write-record.ts';

function written(record: WriteRecord, metric: string, time: number): void {
  record.add(listOf(metric), time);
  record.tell();
}

describe('WriteRecord', () => {
  it('knows the earliest time since any mark, of one metric, of several and of all', () => {
    const write = fc.record({
      metric: fc.constantFrom('up', 'cpu', 'memory'),
      time: fc.integer({ min: 0, max: 1000 }),
    });
    fc.assert(
      fc.property(fc.array(write, { maxLength: 60 }), fc.nat(), (writes, point) => {
        const record = new WriteRecord();
        const marks = writes.map(({ metric, time }) => {
          const mark = record.mark();
          written(record, metric, time);
          return mark;
        });
        const at = point % (writes.length + 1);
        const since = writes.slice(at);
        const earliest = (metrics: readonly string[]) =>
          Math.min(
            Number.POSITIVE_INFINITY,
            ...since.filter(({ metric }) => metrics.includes(metric)).map((w) => w.time),
          );
        const mark = marks[at] ?? record.mark();
        expect(record.earliestSince(mark, new Set(['up']))).toBe(earliest(['up']));
        expect(record.earliestSince(mark, new Set(['cpu', 'memory']))).toBe(earliest(['cpu', 'memory']));
        expect(record.earliestSince(mark, undefined)).toBe(earliest(['up', 'cpu', 'memory']));
      }),
    );
  });

  it('forgets details of many writes, never that there were any', () => {
    const record = new WriteRecord();
    const mark = record.mark();
    for (let time = 0; time < 10_000; time++) written(record, 'up', time);
    expect(record.earliestSince(mark, new Set(['up']))).toBe(0);
    expect(record.earliestSince(9_000, new Set(['up']))).toBeLessThanOrEqual(9_000);
    expect(record.earliestSince(9_000, new Set(['up']))).toBeGreaterThan(7_000);
    expect(record.earliestSince(record.mark(), new Set(['up']))).toBe(Number.POSITIVE_INFINITY);
  });

  it('says nothing of metrics that were given up, nor of what was before everything changed', () => {
    const record = new WriteRecord();
    const mark = record.mark();
    record.tellAll();
    expect(record.earliestSince(mark, new Set(['up']))).toBe(Number.NEGATIVE_INFINITY);
    expect(record.earliestSince(record.mark(), new Set(['up']))).toBe(Number.POSITIVE_INFINITY);
    record.giveUp('cpu');
    expect(record.earliestSince(record.mark(), new Set(['up']))).toBe(Number.POSITIVE_INFINITY);
    expect(record.earliestSince(record.mark(), new Set(['up', 'cpu']))).toBe(Number.NEGATIVE_INFINITY);
    expect(record.earliestSince(record.mark(), undefined)).toBe(Number.NEGATIVE_INFINITY);
  });
});
