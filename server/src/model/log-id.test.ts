import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatLogId, parseLogId } from './log-id.ts';

describe('log id', () => {
  it('leads back to what it was made of', () => {
    const identity = fc.record({
      timeUnixNano: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
      hash: fc.bigInt({ min: 0n, max: 2n ** 54n - 1n }),
    });
    fc.assert(
      fc.property(identity, (given) => {
        expect(parseLogId(formatLogId(given))).toEqual(given);
      }),
    );
  });

  it('is a UUIDv7 that sorts by time', () => {
    const earlier = formatLogId({ timeUnixNano: 1_763_900_000_000_000_001n, hash: 2n ** 54n - 1n });
    const later = formatLogId({ timeUnixNano: 1_763_900_000_000_000_002n, hash: 0n });
    expect(earlier).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    expect(earlier < later).toBe(true);
    const elsewhere = formatLogId({ timeUnixNano: 1_763_900_000_000_999_999n, hash: 0n });
    expect(later < elsewhere).toBe(true);
  });

  it.each(['', 'abc', '018f0000-0000-4000-8000-000000000000', '018f0000-0000-7fff-bfff-ffffffffffff'])(
    'refuses %s',
    (text) => {
      expect(parseLogId(text)).toBeUndefined();
    },
  );
});
