import { expect, it } from 'vitest';
import { keepTimeRange, parseSearch, readText, stringifySearch } from './search.ts';

it('keeps words and digits as they are written', () => {
  const search = { q: '500 "a b"', trace_id: '00123', empty: '', none: undefined };
  expect(parseSearch(stringifySearch(search))).toEqual({ q: '500 "a b"', trace_id: '00123' });
  expect(stringifySearch({})).toBe('');
});

it('reads the named parameters only', () => {
  expect(readText('q', 'level')({ q: 'x', level: '', other: 'y' })).toEqual({ q: 'x' });
});

it('takes the time range along, unless a link names another', () => {
  const search = { start: 'now-1h', end: 'now' };
  expect(keepTimeRange({ search, next: () => ({}) })).toEqual(search);
  expect(keepTimeRange({ search, next: () => ({ start: 'now-5m' }) })).toEqual({ start: 'now-5m', end: 'now' });
});
