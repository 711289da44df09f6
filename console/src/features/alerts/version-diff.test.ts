import { expect, it } from 'vitest';
import { diffVersions } from './version-diff.ts';

it('names what differs in words, and leaves out what is worked out of it', () => {
  const before = { threshold: 80, forMs: 60_000, labels: {}, query: 'up', condition: { threshold: 80 } };
  const now = { threshold: 90, forMs: 0, labels: { team: 'web' }, query: 'up', condition: { threshold: 90 } };
  expect(diffVersions(before, now)).toEqual([
    { field: 'threshold', before: '80', now: '90' },
    { field: 'for', before: '60 s', now: '0 s' },
    { field: 'labels', before: undefined, now: '{"team":"web"}' },
  ]);
  expect(diffVersions(now, now)).toEqual([]);
});

it('tells of what is worked out where nothing else differs, and of new fields', () => {
  expect(diffVersions({ condition: 1 }, { condition: 2 })).toEqual([{ field: 'condition', before: '1', now: '2' }]);
  expect(diffVersions({}, { keepFiringForMs: 1000, note: null })).toEqual([
    { field: 'keep firing for', before: undefined, now: '1 s' },
  ]);
});
