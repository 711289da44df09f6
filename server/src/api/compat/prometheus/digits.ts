const ZERO = 48;
const MINUS = 45;
const POINT = 46;
const MOST_INT32 = 0x7fffffff;

/** Writes ASCII text at a place in bytes that have room for it; all functions here give the place after it. */
export function putText(bytes: Buffer, at: number, text: string): number {
  const { length } = text;
  for (let i = 0; i < length; i++) bytes[at + i] = text.charCodeAt(i);
  return at + length;
}

/** A whole number of 32 bits. */
export function putInteger(bytes: Buffer, at: number, value: number): number {
  if (value === -MOST_INT32 - 1) return putText(bytes, at, String(value));
  if (value >= 0) return putDigits(bytes, at, value, widthOf(value));
  bytes[at] = MINUS;
  return putDigits(bytes, at + 1, -value, widthOf(-value));
}

/** Seconds of milliseconds with three decimals, or none where they are whole. */
export function putSeconds(bytes: Buffer, at: number, milliseconds: number): number {
  const seconds = Math.floor(milliseconds / 1000);
  if (milliseconds < 0 || seconds > MOST_INT32) return putText(bytes, at, secondsText(milliseconds));
  const whole = seconds | 0;
  const fraction = (milliseconds - seconds * 1000) | 0;
  const end = putDigits(bytes, at, whole, widthOf(whole));
  if (fraction === 0) return end;
  bytes[end] = POINT;
  return putDigits(bytes, end + 1, fraction, 3);
}

/** The same as text. */
export function secondsText(milliseconds: number): string {
  if (milliseconds % 1000 === 0) return String(milliseconds / 1000);
  const text = (milliseconds / 1000).toFixed(3);
  return text.endsWith('.000') ? text.slice(0, -4) : text;
}

function putDigits(bytes: Buffer, at: number, value: number, width: number): number {
  let rest = value | 0;
  for (let place = at + width - 1; place >= at; place--) {
    const next = (rest / 10) | 0;
    bytes[place] = ZERO + rest - next * 10;
    rest = next;
  }
  return at + width;
}

function widthOf(value: number): number {
  if (value >= 1_000_000_000) return 10;
  if (value >= 100_000) return value >= 10_000_000 ? (value >= 100_000_000 ? 9 : 8) : value >= 1_000_000 ? 7 : 6;
  if (value >= 1000) return value >= 10_000 ? 5 : 4;
  if (value >= 10) return value >= 100 ? 3 : 2;
  return 1;
}
