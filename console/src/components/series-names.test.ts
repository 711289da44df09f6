import { expect, it } from 'vitest';
import { seriesNames } from './series-names.ts';

it('names series by the labels in which they differ', () => {
  const names = (...all: Record<string, string>[]) => seriesNames(all, 'the query');
  expect(names({ __name__: 'up', job: 'a', env: 'x' }, { __name__: 'up', job: 'b', env: 'x' })).toEqual([
    'job=a',
    'job=b',
  ]);
  expect(names({ job: 'a' }, { job: 'a', zone: 'z' })).toEqual(['the query', 'zone=z']);
  expect(names({ __name__: 'up', job: 'a' })).toEqual(['job=a']);
  expect(names({ __name__: 'up' })).toEqual(['up']);
  expect(names({})).toEqual(['the query']);
  expect(names({ __name__: 'up', job: 'a' }, { __name__: 'down', job: 'a' })).toEqual(['up', 'down']);
  expect(names()).toEqual([]);
});
