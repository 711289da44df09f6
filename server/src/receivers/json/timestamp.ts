const RFC3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/i;
const DIGITS = /^\d{1,19}$/;

/**
 * Nanoseconds since 1970 of a time as senders write it: RFC 3339 with up to nine digits of a fraction, or a number of
 * seconds (fraction allowed), milliseconds, microseconds or nanoseconds, told apart by its size: below 10^11 it is
 * seconds (until the year 5138), below 10^14 milliseconds, below 10^17 microseconds, else nanoseconds. Whole numbers
 * may be given as text, which keeps every digit. `undefined` where the value is none of these.
 */
export function parseTimestamp(value: string | number): bigint | undefined {
  if (typeof value === 'number') return fromNumber(value);
  if (DIGITS.test(value)) return fromInteger(BigInt(value));
  const match = RFC3339.exec(value);
  if (!match) return undefined;
  const [, seconds, fraction = '', zone] = match;
  const milliseconds = Date.parse(`${seconds}${zone!.toUpperCase()}`);
  if (Number.isNaN(milliseconds) || milliseconds < 0) return undefined;
  return BigInt(milliseconds) * 1_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
}

function fromNumber(value: number): bigint | undefined {
  if (!Number.isFinite(value) || value < 0 || value >= 2 ** 63) return undefined;
  if (Number.isInteger(value)) return fromInteger(BigInt(value));
  // Of a number with a fraction, microseconds are what a double holds of the seconds of our time.
  const [microseconds, factor] = value < 1e11 ? [value * 1e6, 1000n] : [value * 1e3, 1000n];
  return value < 1e14 ? BigInt(Math.round(microseconds)) * factor : undefined;
}

function fromInteger(value: bigint): bigint {
  if (value < 10n ** 11n) return value * 1_000_000_000n;
  if (value < 10n ** 14n) return value * 1_000_000n;
  return value < 10n ** 17n ? value * 1000n : value;
}
