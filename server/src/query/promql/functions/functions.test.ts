import { describe, expect, it } from 'vitest';
import { MemorySeriesSource } from '../../../../../tests/support/memory-series-source.ts';
import { formatPlain, formatShort } from '../../../lib/go-float.ts';
import { systemClock } from '../../../model/clock.ts';
import { createPromqlEngine } from '../index.ts';
import { SIGNATURES } from '../syntax/signatures.ts';
import { FUNCTIONS } from './registry.ts';

const MINUTE = 60_000;

function engineOf(...lines: string[]) {
  return createPromqlEngine({ source: new MemorySeriesSource().load(lines, MINUTE), clock: systemClock });
}

async function valuesOf(engine: ReturnType<typeof engineOf>, query: string, minute: number): Promise<string[]> {
  const { result } = await engine.instant(query, minute * MINUTE);
  if (result.type === 'scalar') return [formatShort(result.value)];
  if (result.type !== 'vector') throw new Error(`got ${result.type}`);
  return result.samples.map(({ labels, value }) => {
    const { __name__: name = '', ...others } = labels;
    const pairs = Object.entries(others).map(([key, text]) => `${key}=${text}`);
    return `${name}{${pairs.sort().join()}} ${formatShort(value)}`;
  });
}

it('implements every function that it has a signature for', () => {
  const missing = [...SIGNATURES.keys()].filter((name) => !FUNCTIONS.has(name));
  expect(missing).toEqual([]);
  expect([...FUNCTIONS.keys()].filter((name) => !SIGNATURES.has(name))).toEqual([]);
});

it('start_timestamp says since when the newest sample counts, 0 where nobody said', async () => {
  const source = new MemorySeriesSource().load(['x 1 2', 'y 1 2'], MINUTE);
  source.addStarts({ __name__: 'x' }, [-60, -30], MINUTE);
  const engine = createPromqlEngine({ source, clock: systemClock });
  expect(await valuesOf(engine, 'start_timestamp(x)', 2)).toEqual(['{} 30']);
  expect(await valuesOf(engine, 'start_timestamp((x offset 1m))', 1)).toEqual(['{} -60']);
  expect(await valuesOf(engine, 'start_timestamp(y)', 1)).toEqual(['{} 0']);
  expect(await valuesOf(engine, 'start_timestamp(-x)', 1)).toEqual([]);
});

describe('over time', () => {
  const engine = engineOf('x 4 2 8 NaN 6 _ stale 1');
  it.each([
    ['count_over_time(x[5m])', 4, ['{} 5']],
    ['sum_over_time(x[3m])', 2, ['{} 14']],
    ['avg_over_time(x[2m])', 2, ['{} 5']],
    ['min_over_time(x[5m])', 4, ['{} 2']],
    ['max_over_time(x[5m])', 4, ['{} 8']],
    ['last_over_time(x[3m])', 6, ['x{} 6']],
    ['first_over_time(x[3m])', 3, ['x{} 2']],
    ['stddev_over_time(x[2m])', 2, ['{} 3']],
    ['quantile_over_time(0.5, x[3m])', 2, ['{} 4']],
    ['present_over_time(x[1m])', 6, []],
    ['absent_over_time(x{a="b"}[1m])', 6, ['{a=b} 1']],
    ['changes(x[5m])', 4, ['{} 4']],
    ['resets(x[3m])', 2, ['{} 1']],
    ['ts_of_max_over_time(x[3m])', 2, ['{} 120']],
    ['idelta(x[2m])', 2, ['{} 6']],
    ['deriv(x[3m])', 2, ['{} 0.03333333333333333']],
    // The window is open on its left: the sample at 0 is not in it.
    ['count_over_time(x[2m])', 2, ['{} 2']],
  ])('%s at %i min', async (query, minute, expected) => {
    expect(await valuesOf(engine, query, minute)).toEqual(expected);
  });
});

describe('of instant vectors', () => {
  const engine = engineOf('x{a="1-b",n="2"} -2.5', 'x{a="c",n="10"} 7', 'empty{a="d"} stale', 'hour 1700000000');
  it.each([
    ['abs(x)', ['{a=1-b,n=2} 2.5', '{a=c,n=10} 7']],
    ['ceil(x)', ['{a=1-b,n=2} -2', '{a=c,n=10} 7']],
    ['round(x, 5)', ['{a=1-b,n=2} 0', '{a=c,n=10} 5']],
    ['clamp(x, -1, 3)', ['{a=1-b,n=2} -1', '{a=c,n=10} 3']],
    ['sgn(x)', ['{a=1-b,n=2} -1', '{a=c,n=10} 1']],
    ['sort_desc(x)', ['x{a=c,n=10} 7', 'x{a=1-b,n=2} -2.5']],
    ['sort_by_label(x, "n")', ['x{a=1-b,n=2} -2.5', 'x{a=c,n=10} 7']],
    ['sort_by_label_desc(x, "n")', ['x{a=c,n=10} 7', 'x{a=1-b,n=2} -2.5']],
    ['label_replace(x, "b", "<$2-$1>", "a", "(.)-(?P<last>.)")', ['x{a=1-b,b=<b-1>,n=2} -2.5', 'x{a=c,n=10} 7']],
    ['label_replace(x, "a", "", "n", ".*") ', ['x{n=2} -2.5', 'x{n=10} 7']],
    ['label_join(x, "j", "/", "a", "n", "none")', ['x{a=1-b,j=1-b/2/,n=2} -2.5', 'x{a=c,j=c/10/,n=10} 7']],
    ['absent(empty{a="d"})', ['{a=d} 1']],
    ['absent(x)', []],
    ['scalar(x)', ['NaN']],
    ['scalar(hour)', ['1700000000']],
    ['vector(3)', ['{} 3']],
    ['timestamp(hour)', ['{} 0']],
    ['day_of_week(hour)', ['{} 2']],
    ['days_in_month(hour)', ['{} 30']],
    ['count_values("v", x)', ['{v=-2.5} 1', '{v=7} 1']],
    ['quantile(0.5, x)', ['{} 2.25']],
    ['limitk(1, x)', ['x{a=1-b,n=2} -2.5']],
  ])('%s', async (query, expected) => {
    expect(await valuesOf(engine, query, 0)).toEqual(expected);
  });
});

describe('of histograms', () => {
  const engine = engineOf(
    'h_bucket{le="1"} 10',
    'h_bucket{le="2"} 30',
    'h_bucket{le="+Inf"} 40',
    'n {{schema:0 count:12 sum:30 z_bucket:2 z_bucket_w:0.5 buckets:[4 4] offset:1 n_buckets:[2] n_offset:1}}',
    'm {{schema:1 count:4 sum:10 buckets:[1 1 1 1] offset:1}}',
  );
  it.each([
    ['histogram_quantile(0.5, h_bucket)', ['{} 1.5']],
    ['histogram_quantile(0.125, h_bucket)', ['{} 0.5']],
    ['histogram_quantile(0.9, h_bucket)', ['{} 2']],
    ['histogram_fraction(0, 1.5, h_bucket)', ['{} 0.5']],
    ['histogram_count(n)', ['{} 12']],
    ['histogram_sum(n * 2)', ['{} 60']],
    ['histogram_avg(n)', ['{} 2.5']],
    ['histogram_fraction(1, 4, n)', ['{} 0.6666666666666666']],
    ['histogram_count(n + m)', ['{} 16']],
    ['histogram_sum(sum({__name__=~"n|m"}))', ['{} 40']],
    ['histogram_count(n </ 1)', ['{} 4']],
    ['histogram_count(n >/ 2)', ['{} 4']],
    ['n == m', []],
    ['histogram_count(n == n)', ['{} 12']],
    ['count(n or m or h_bucket)', ['{} 4']],
    ['max(n)', []],
  ])('%s', async (query, expected) => {
    expect(await valuesOf(engine, query, 0)).toEqual(expected);
  });

  it('says what it cannot do', async () => {
    const { result, infos } = await engine.instant('n > 3', 0);
    expect(result).toMatchObject({ samples: [] });
    expect(infos).toEqual([
      'PromQL info: incompatible sample types encountered for binary operator ">": histogram > float (1:1)',
    ]);
  });
});

it.each([
  [0.1, '0.1', '0.1'],
  [1e21, '1000000000000000000000', '1e+21'],
  [1.5e-7, '0.00000015', '1.5e-07'],
  [-0, '-0', '-0'],
  [Number.NaN, 'NaN', 'NaN'],
  [Number.NEGATIVE_INFINITY, '-Inf', '-Inf'],
])('prints %d', (value, plain, short) => {
  expect([formatPlain(value), formatShort(value)]).toEqual([plain, short]);
});
