import { expect, it } from 'vitest';
import { readSorting, sortRows } from './sorting.tsx';

const ROWS = [
  { name: 'b', rate: 2 },
  { name: 'a', rate: null },
  { name: 'c', rate: 10 },
];
const COLUMNS = { name: (row: (typeof ROWS)[number]) => row.name, rate: (row: (typeof ROWS)[number]) => row.rate };
const sorted = (text: string | undefined) => sortRows(ROWS, readSorting(text), COLUMNS).map(({ name }) => name);

it('sorts by a column, with what has no value last', () => {
  expect(sorted('-rate')).toEqual(['c', 'b', 'a']);
  expect(sorted('rate')).toEqual(['b', 'c', 'a']);
  expect(sorted('-name')).toEqual(['c', 'b', 'a']);
  expect(sorted(undefined)).toEqual(['b', 'a', 'c']);
  expect(sorted('no such column')).toEqual(['b', 'a', 'c']);
});
