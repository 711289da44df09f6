import { expect, it } from 'vitest';
import { findPlaces, offersFor } from './palette-places.ts';

it('finds pages by any of their words, those that begin so first', () => {
  const labels = (text: string) => findPlaces(text).map(({ label }) => label);
  expect(labels('alert').slice(0, 3)).toEqual(['Alerts', 'Alert groups', 'Alert history']);
  expect(labels('NOTIF hist')).toEqual(['Notification history']);
  expect(labels('map')).toEqual(['Service map']);
  expect(labels('nothing of the kind')).toEqual([]);
  expect(labels('').length).toBeGreaterThan(30);
});

it('offers to open trace ids, and to search the logs for anything else', () => {
  const id = '0123456789ABCDEF0123456789abcdef';
  expect(offersFor(` ${id} `)[0]).toMatchObject({ params: { traceId: id.toLowerCase() } });
  expect(offersFor('0123456789abcdef')).toHaveLength(2);
  expect(offersFor('connection refused')).toMatchObject([{ to: '/logs', search: { q: 'connection refused' } }]);
  expect(offersFor('  ')).toEqual([]);
});
