import { expect, it } from 'vitest';
import type { NativeHistogram } from '../../../model/native-histogram.ts';
import type { InstantResult, RangeResult } from '../../../query/promql/index.ts';
import { ByteWriter } from './byte-writer.ts';
import { writeResult } from './result-json.ts';

const NONE = { indexes: [], counts: [] };
const EXPONENTIAL: NativeHistogram = {
  schema: 0,
  count: 12,
  sum: 18.5,
  zeroThreshold: 0.001,
  zeroCount: 2,
  positive: { indexes: [1, 2, 3], counts: [3, 0, 4] },
  negative: { indexes: [1], counts: [3] },
  customValues: [],
  hint: 'unknown',
};
const CUSTOM: NativeHistogram = {
  ...EXPONENTIAL,
  schema: -53,
  zeroThreshold: 0,
  zeroCount: 0,
  positive: { indexes: [0, 1, 2], counts: [1, 2, 3] },
  negative: NONE,
  customValues: [5, 10],
};

function written(result: InstantResult | RangeResult): unknown {
  const writer = new ByteWriter(1e7);
  for (const _ of writeResult(writer, result));
  return JSON.parse(writer.finish().toString());
}

it('writes native histograms with the rule of each bucket', () => {
  const sample = { labels: { b: '2', a: '1' }, value: Number.NaN, histogram: EXPONENTIAL };
  expect(written({ type: 'vector', timestamp: 1500, samples: [sample] })).toEqual([
    {
      metric: { a: '1', b: '2' },
      histogram: [
        1.5,
        {
          count: '12',
          sum: '18.5',
          buckets: [
            [1, '-2', '-1', '3'],
            [3, '-0.001', '0.001', '2'],
            [0, '1', '2', '3'],
            [0, '4', '8', '4'],
          ],
        },
      ],
    },
  ]);
});

it('keeps floats and histograms of a series apart', () => {
  const series = {
    labels: {},
    timestamps: Float64Array.of(1000, 2000, 3000),
    values: Float64Array.of(7, Number.NaN, 8),
    histograms: [undefined, CUSTOM, undefined],
  };
  const histogram = [
    2,
    {
      count: '12',
      sum: '18.5',
      buckets: [
        [3, '-Inf', '5', '1'],
        [0, '5', '10', '2'],
        [0, '10', '+Inf', '3'],
      ],
    },
  ];
  expect(written({ type: 'matrix', series: [series] })).toEqual([
    {
      metric: {},
      values: [
        [1, '7'],
        [3, '8'],
      ],
      histograms: [histogram],
    },
  ]);
  const only = { ...series, timestamps: Float64Array.of(2000), values: Float64Array.of(0), histograms: [CUSTOM] };
  expect(written({ type: 'matrix', series: [only] })).toEqual([{ metric: {}, histograms: [histogram] }]);
});

it('lets others have a turn while it writes much', () => {
  const column = Float64Array.from({ length: 11_000 }, (_, i) => i);
  const series = Array.from({ length: 50 }, (_, i) => ({
    labels: { i: String(i) },
    timestamps: column,
    values: column,
  }));
  const turns = [...writeResult(new ByteWriter(1e8), { type: 'matrix', series })];
  expect(turns.length).toBeGreaterThanOrEqual(10);
});
