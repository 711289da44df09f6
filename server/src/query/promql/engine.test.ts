import { describe, expect, it } from 'vitest';
import { MemorySeriesSource } from '../../../../tests/support/memory-series-source.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { formatShort } from '../../lib/go-float.ts';
import { systemClock } from '../../model/clock.ts';
import { createPromqlEngine, type PromqlLimits, type SeriesSource } from './index.ts';

const MINUTE = 60_000;

function engineOf(lines: readonly string[], limits: Partial<PromqlLimits> = {}) {
  return createPromqlEngine({ source: new MemorySeriesSource().load(lines, MINUTE), clock: systemClock, limits });
}

/** `name{a=1,b=2} value` of each sample, sorted. */
async function instant(engine: ReturnType<typeof engineOf>, query: string, time = 0): Promise<string[]> {
  const { result } = await engine.instant(query, time);
  if (result.type !== 'vector') throw new Error(`got ${result.type}`);
  return result.samples.map(({ labels, value }) => `${print(labels)} ${formatShort(value)}`).sort();
}

function print({ __name__: name = '', ...labels }: Record<string, string>): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return `${name}{${pairs.sort().join(',')}}`;
}

describe('vector matching', () => {
  const engine = engineOf([
    'errors{code="500",path="/a"} 2',
    'errors{code="404",path="/a"} 4',
    'errors{code="500",path="/b"} 3',
    'requests{path="/a",team="red"} 10',
    'requests{path="/b",team="blue"} 30',
    'requests{path="/c",team="blue"} 1',
    'other{path="/a"} 5',
    'limit 3',
  ]);

  it.each<[string, string[]]>([
    ['errors{code="500"} + ignoring(code, team) requests', ['{path=/a} 12', '{path=/b} 33']],
    ['errors{code="500"} / on(path) requests', ['{path=/a} 0.2', '{path=/b} 0.1']],
    [
      'errors * on(path) group_left requests',
      ['{code=404,path=/a} 40', '{code=500,path=/a} 20', '{code=500,path=/b} 90'],
    ],
    [
      'errors + on(path) group_left(team) requests',
      ['{code=404,path=/a,team=red} 14', '{code=500,path=/a,team=red} 12', '{code=500,path=/b,team=blue} 33'],
    ],
    ['requests - on(path) group_right errors{code="500"}', ['{code=500,path=/a} 8', '{code=500,path=/b} 27']],
    ['errors > on() group_left limit', ['errors{code=404,path=/a} 4']],
    ['errors{code="500"} >= bool on() group_left limit', ['{code=500,path=/a} 0', '{code=500,path=/b} 1']],
    ['requests and on(path) errors', ['requests{path=/a,team=red} 10', 'requests{path=/b,team=blue} 30']],
    ['requests unless on(path) errors', ['requests{path=/c,team=blue} 1']],
    [
      'other or on(path) requests',
      ['other{path=/a} 5', 'requests{path=/b,team=blue} 30', 'requests{path=/c,team=blue} 1'],
    ],
    ['requests > 5 < 20', ['requests{path=/a,team=red} 10']],
    ['5 < bool requests', ['{path=/a,team=red} 1', '{path=/b,team=blue} 1', '{path=/c,team=blue} 0']],
    [
      'sum by (team) (requests) / ignoring(team) group_left sum(requests)',
      ['{team=blue} 0.7560975609756098', '{team=red} 0.24390243902439024'],
    ],
    ['other + on(path) fill_left(0) requests', ['{path=/a} 15', '{path=/b} 30', '{path=/c} 1']],
  ])('%s', async (query, expected) => {
    expect(await instant(engine, query)).toEqual(expected);
  });

  it.each([
    ['errors + on(path) requests', /^multiple matches for labels: many-to-one matching must be explicit/],
    ['requests + on(path) errors', /^found duplicate series for the match group \{path="\/a"\} on the right hand-side/],
    ['requests + on(team) group_left errors', /^found duplicate series for the match group \{\} on the right/],
    [
      '-label_replace({path="/a",code=""}, "team", "", "", "")',
      /^vector cannot contain metrics with the same labelset$/,
    ],
    ['label_replace(requests, "path", "x", "", "")', /^vector cannot contain metrics with the same labelset$/],
  ])('%s fails', async (query, message) => {
    await expect(engine.instant(query, 0)).rejects.toThrow(message);
  });
});

describe('a range query', () => {
  it('gives points only where there is a value, series sorted by labels', async () => {
    const engine = engineOf(['x{n="b"} 1 2 stale 4', 'x{n="a"} _ 5']);
    const { result } = await engine.range('x > 1', { start: 0, end: 3 * MINUTE, step: MINUTE });
    expect(result.series.map(({ labels, timestamps, values }) => [labels.n, [...timestamps], [...values]])).toEqual([
      ['a', [1, 2, 3].map((minute) => minute * MINUTE), [5, 5, 5]],
      ['b', [1, 3].map((minute) => minute * MINUTE), [2, 4]],
    ]);
  });

  it('equals instant queries at its steps', async () => {
    const engine = engineOf(['a_total{n="1"} 0+3x20 5+2x20', 'a_total{n="2"} 10+1x40', 'b{n="1"} 1+1x40']);
    const queries = [
      'rate(a_total[4m])',
      'sum(increase(a_total[3m])) by (n) / on(n) b',
      'max_over_time(rate(a_total[2m])[5m:1m])',
      'topk(1, a_total)',
      'a_total offset 2m',
      'a_total @ 600',
      'quantile_over_time(0.5, b[5m])',
      'timestamp(b)',
    ];
    for (const query of queries) {
      const { result } = await engine.range(query, { start: 0, end: 30 * MINUTE, step: 3 * MINUTE });
      for (let time = 0; time <= 30 * MINUTE; time += 3 * MINUTE) {
        const at = result.series.flatMap(({ labels, timestamps, values }) => {
          const index = timestamps.indexOf(time);
          return index < 0 ? [] : [`${print(labels)} ${formatShort(values[index]!)}`];
        });
        expect(at.sort(), `${query} at ${time}`).toEqual(await instant(engine, query, time));
      }
    }
  });
});

describe('limits', () => {
  const many = Array.from({ length: 50 }, (_, i) => `x{n="${i}"} 0+1x200`);

  it('refuses too many samples, naming the limit', async () => {
    const engine = engineOf(many, { maxSamples: 1000 });
    await expect(engine.instant('sum(rate(x[3h]))', 200 * MINUTE)).rejects.toThrow(/more than 1000 samples/);
  });

  it('evaluates long chains', async () => {
    const chain = Array.from({ length: 2000 }, () => 'x').join(' or ');
    expect(await instant(engineOf(['x 1']), chain)).toEqual(['x{} 1']);
  });

  it('refuses too many points', async () => {
    const query = engineOf(many).range('x', { start: 0, end: 20_000_000, step: 1000 });
    await expect(query).rejects.toMatchObject({ code: 'invalid', issues: [{ path: 'step' }] });
  });

  it('ends what takes too long', async () => {
    const clock = new VirtualClock();
    const source: SeriesSource = {
      async select() {
        clock.jump(clock.now() + 2000);
        return [];
      },
    };
    const engine = createPromqlEngine({ source, clock, limits: { timeoutMs: 1000 } });
    await expect(engine.instant('x', 0)).rejects.toMatchObject({ code: 'query_timeout' });
  });

  it('gives way to the event loop and stops when it is cancelled', async () => {
    const engine = engineOf(many);
    const abort = new AbortController();
    let turns = 0;
    const beat = setInterval(() => {
      if (++turns === 3) abort.abort(new Error('left'));
    }, 1);
    const deep = 'sum_over_time(sum_over_time(sum_over_time(x[3h:10s])[3h:1m])[3h:1m])';
    const query = engine.range(deep, { start: 0, end: 200 * MINUTE, step: MINUTE }, { signal: abort.signal });
    await expect(query).rejects.toThrow('left');
    clearInterval(beat);
    expect(turns).toBeGreaterThanOrEqual(3);
  });
});

it('says where a warning comes from', async () => {
  const { warnings, infos } = await engineOf(['x 1 2 3 4']).instant('quantile(2,\n  rate(x[5m]))', 3 * MINUTE);
  expect(warnings).toEqual(['PromQL warning: quantile value should be between 0 and 1, got 2 (1:10)']);
  expect(infos).toEqual([
    'PromQL info: metric might not be a counter, name does not end in _total/_sum/_count/_bucket: "x" (2:8)',
  ]);
});
