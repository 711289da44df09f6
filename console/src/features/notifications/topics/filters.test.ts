import { expect, it } from 'vitest';
import { describeFilters, filtersOf } from './filters.ts';

it('writes conditions as filters of CloudEvents, and says what filters ask', () => {
  const filters = filtersOf([
    { key: 1, attribute: ' data.model ', operator: 'exact', value: 'pump' },
    { key: 2, attribute: 'type', operator: 'prefix', value: 'com.espice.' },
    { key: 3, attribute: '', operator: 'suffix', value: 'x' },
  ]);
  expect(filters).toEqual([{ exact: { 'data.model': 'pump' } }, { prefix: { type: 'com.espice.' } }]);
  expect(describeFilters(filters)).toBe('data.model is pump, type begins with com.espice.');
  expect(describeFilters([{ not: { exact: { a: 'b' } } }])).toBe('{"not":{"exact":{"a":"b"}}}');
  expect(describeFilters([])).toBe('');
});
