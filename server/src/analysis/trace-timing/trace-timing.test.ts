import { describe, expect, it } from 'vitest';
import type { StoredSpan } from '../../model/span.ts';
import { traceTiming } from './index.ts';

/** One span a word: `name<parent:start-end`, in nanoseconds after some time. */
function trace(text: string): StoredSpan[] {
  return text
    .trim()
    .split(/\s+/)
    .map((word) => {
      const [, spanId, parentSpanId = '', start, end] = /^(\w+)(?:<(\w+))?:(\d+)-(\d+)$/.exec(word)!;
      return {
        traceId: '0'.repeat(31).concat('1'),
        spanId: spanId!,
        parentSpanId,
        traceState: '',
        name: spanId!,
        kind: 'Internal',
        startTimeUnixNano: 1_790_000_000_000_000_000n + BigInt(start!),
        durationNano: BigInt(Number(end) - Number(start)),
        status: 'Unset',
        statusMessage: '',
        service: 'shop',
        resourceAttributes: {},
        scopeName: '',
        scopeVersion: '',
        attributes: {},
        events: [],
        links: [],
      } satisfies StoredSpan;
    });
}

/** `name=self`, with a star on the critical path. */
function timing(text: string): string {
  const spans = trace(text);
  const timings = traceTiming(spans);
  return spans
    .map((span, index) => `${span.name}=${timings[index]!.selfTimeNano}${timings[index]!.isOnCriticalPath ? '*' : ''}`)
    .join(' ');
}

describe('traceTiming', () => {
  it.each([
    ['a lone span', 'a:0-10', 'a=10*'],
    ['one child', 'a:0-10 b<a:2-8', 'a=4* b=6*'],
    ['children one after the other', 'a:0-10 b<a:1-4 c<a:5-9', 'a=3* b=3* c=4*'],
    // c ends last; b was still running when c began, so c did not wait for it.
    ['children side by side', 'a:0-10 b<a:1-6 c<a:2-9', 'a=2* b=5 c=7*'],
    // d ends last and waited for b, which ended at 4; c (3-7) is in nobody's way.
    ['a fork and a join', 'a:0-12 b<a:0-4 c<a:3-7 d<a:5-11', 'a=1* b=4* c=4 d=6*'],
    ['a child that begins as the one before ends', 'a:0-10 b<a:0-5 c<a:5-10', 'a=0* b=5* c=5*'],
    // Off the path, nothing below is on it either.
    ['grandchildren', 'a:0-10 b<a:1-5 c<a:2-9 d<b:2-4 e<c:3-8', 'a=2* b=2 c=2* d=2 e=5*'],
    // The grandchild only counts until its parent's end.
    ['a grandchild that outlives its parent', 'a:0-10 b<a:1-6 c<b:2-9', 'a=5* b=1* c=7*'],
    ['work that goes on after its caller', 'a:0-10 b<a:8-20', 'a=8* b=12*'],
    ['work that begins after its caller', 'a:0-10 b<a:12-20', 'a=10* b=8'],
    ['a child before its parent, by a skewed clock', 'a:5-10 b<a:0-7', 'a=3* b=7*'],
    ['children that cover each other', 'a:0-10 b<a:1-9 c<a:2-3 d<a:8-10', 'a=1* b=8 c=1* d=2*'],
    ['the same interval twice', 'a:0-10 b<a:2-8 c<a:2-8', 'a=4* b=6* c=6'],
    ['instants', 'a:0-10 b<a:5-5', 'a=10* b=0'],
    ['a trace of instants', 'a:5-5 b<a:5-5', 'a=0* b=0'],
    ['a missing parent', 'b<a:1-6 c<b:2-5', 'b=2* c=3*'],
    ['a missing parent beside the root', 'a:0-10 x<lost:2-4', 'a=10* x=2'],
    ['two roots one after the other', 'a:0-4 b:6-10', 'a=4* b=4*'],
    ['its own parent', 'a<a:0-10 b<a:1-3', 'a=8* b=2*'],
    ['a circle', 'a<b:0-10 b<a:1-9', 'a=2* b=8*'],
    ['a circle beside the root', 'r:0-20 a<b:5-10 b<a:6-9 c<b:7-8', 'r=20* a=2 b=2 c=1'],
    ['children in any order', 'c<a:5-9 b<a:1-4 a:0-10', 'c=4* b=3* a=3*'],
  ])('%s', (_name, spans, expected) => {
    expect(timing(spans)).toBe(expected);
  });

  it('takes no spans, and ten thousand nested ones', () => {
    expect(traceTiming([])).toEqual([]);
    const words = Array.from({ length: 10_000 }, (_, depth) =>
      depth === 0 ? 's0:0-30000' : `s${depth}<s${depth - 1}:${depth}-${30_000 - depth}`,
    );
    const timings = traceTiming(trace(words.join(' ')));
    expect(timings.every((one) => one.isOnCriticalPath)).toBe(true);
    expect(timings.reduce((sum, one) => sum + one.selfTimeNano, 0)).toBe(30_000);
  });
});
