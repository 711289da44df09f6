import { describe, expect, it } from 'vitest';
import { DeltaSums } from './delta-sums.ts';

function numbers(most = 10) {
  return new DeltaSums<number>(most, (a, b) => a + b);
}

describe('sums of deltas', () => {
  it('begins with a zero and adds up', () => {
    const sums = numbers();
    expect(sums.cumulate('a', 3, '', 1000, 2000)).toMatchObject({ value: 3, zeroAt: 1001 });
    expect(sums.cumulate('a', 3, '', 1000, 2000)).toMatchObject({ value: 3, zeroAt: 1001 });
    expect(sums.cumulate('a', 4, '', 2000, 3000)).toMatchObject({ value: 7, zeroAt: undefined });
  });

  it('does not add a point twice that is sent twice', () => {
    const sums = numbers();
    sums.cumulate('a', 3, '', 0, 2000);
    expect(sums.cumulate('a', 3, '', 0, 2000)?.value).toBe(3);
    expect(sums.cumulate('a', 5, '', 0, 1000)).toBeUndefined();
    expect(sums.cumulate('a', 1, '', 2000, 3000)?.value).toBe(4);
  });

  it('begins anew when the grid changes', () => {
    const sums = numbers();
    sums.cumulate('a', 3, '1,2', 1000, 2000);
    expect(sums.cumulate('a', 4, '1,2,3', 2000, 3000)).toMatchObject({ value: 4, zeroAt: 2001 });
  });

  it('forgets the series that was untouched for longest', () => {
    const sums = numbers(2);
    sums.cumulate('a', 1, '', 0, 1);
    sums.cumulate('b', 1, '', 0, 1);
    sums.cumulate('a', 1, '', 0, 2);
    sums.cumulate('c', 1, '', 0, 1);
    expect(sums.size).toBe(2);
    expect(sums.cumulate('a', 1, '', 0, 3)?.value).toBe(3);
    expect(sums.cumulate('b', 1, '', 0, 3)?.value).toBe(1);
  });
});
