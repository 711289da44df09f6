import { describe, expect, it } from 'vitest';
import { parseInstant } from './instant.ts';

const now = Date.UTC(2026, 10, 23, 10);

describe('parseInstant', () => {
  it.each<[string, number]>([
    ['2026-11-23T10:00:00Z', now],
    ['2026-11-23T11:00:00.5+01:00', now + 500],
    ['2028-02-29T00:00:00Z', Date.UTC(2028, 1, 29)],
    ['1795428000', 1_795_428_000_000],
    ['1795428000.25', 1_795_428_000_250],
    ['now', now],
    ['now-15m', now - 900_000],
    ['now+1d', now + 86_400_000],
  ])('reads %s', (text, expected) => expect(parseInstant(text, now)).toBe(expected));

  it.each([
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-11-23',
    '2026-11-23T25:00:00Z',
    'now-9999999999d',
    'now-soon',
    '-1',
    '99999999999999',
    'yesterday',
    '',
  ])('refuses %j', (text) => expect(parseInstant(text, now)).toBeUndefined());
});
