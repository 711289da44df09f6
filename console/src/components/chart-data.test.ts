import { describe, expect, it } from 'vitest';
import { alignSeries, lastValue } from './chart-data.ts';

describe('alignSeries', () => {
  it('puts series on one axis', () => {
    const aligned = alignSeries(
      [
        {
          name: 'a',
          points: [
            [0, 1],
            [10, 2],
          ],
        },
        {
          name: 'b',
          points: [
            [10, 5],
            [20, 6],
          ],
        },
      ],
      10,
    );
    expect(aligned).toEqual([
      [0, 10, 20],
      [1, 2, null],
      [null, 5, 6],
    ]);
  });

  it('joins times that two queries shifted a little', () => {
    const aligned = alignSeries(
      [
        {
          name: 'a',
          points: [
            [0.9, 1],
            [10.9, 2],
          ],
        },
        {
          name: 'b',
          points: [
            [1.1, 3],
            [11.1, 4],
          ],
        },
      ],
      10,
    );
    expect(aligned).toEqual([
      [0.9, 10.9],
      [1, 2],
      [3, 4],
    ]);
  });

  it('leaves a gap where data is missing, without a step none', () => {
    const series = [
      {
        name: 'a',
        points: [
          [0, 1],
          [10, 2],
          [40, 3],
        ] as const,
      },
    ];
    expect(alignSeries(series, 10)).toEqual([
      [0, 10, 25, 40],
      [1, 2, null, 3],
    ]);
    expect(alignSeries(series, undefined)).toEqual([
      [0, 10, 40],
      [1, 2, 3],
    ]);
  });

  it('takes series without points', () => {
    expect(alignSeries([{ name: 'a', points: [] }], 10)).toEqual([[], []]);
  });
});

it('finds the newest value that is there', () => {
  expect(
    lastValue([
      [0, 1],
      [10, 2],
      [20, null],
    ]),
  ).toBe(2);
  expect(lastValue([[0, null]])).toBeUndefined();
});
