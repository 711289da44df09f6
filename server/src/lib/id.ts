import { randomFillSync } from 'node:crypto';
import { systemClock } from '../model/clock.ts';

const COUNTER_MAX = 0xfff;
const HEX = Buffer.from('0123456789abcdef');
const DASH = 0x2d;
const VARIANT = 0x80;
/** Random bytes of one id, and of one call for more of them. */
const [RANDOM_BYTES, POOL_BYTES] = [8, 4096];

const pool = Buffer.alloc(POOL_BYTES);
let used = POOL_BYTES;
const text = Buffer.alloc(36);
let lastMilliseconds = 0;
let counter = 0;

/**
 * A new UUIDv7 (RFC 9562): unique, and greater than every one that this process made before, also within a millisecond
 * and when the clock goes back. The 12 bits after the version count, as section 6.2 (method 1) allows.
 */
export function newId(): string {
  const milliseconds = systemClock.now();
  if (milliseconds > lastMilliseconds) startMillisecond(milliseconds);
  else if (counter < COUNTER_MAX) counter++;
  else startMillisecond(lastMilliseconds + 1);
  text[15] = HEX[counter >> 8]!;
  text[16] = HEX[(counter >> 4) & 0xf]!;
  text[17] = HEX[counter & 0xf]!;
  writeRandom();
  // Put together as bytes: a text of joined parts takes several times the memory, for as long as it is kept.
  return text.toString('latin1');
}

function startMillisecond(milliseconds: number): void {
  lastMilliseconds = milliseconds;
  counter = 0;
  const time = milliseconds.toString(16).padStart(12, '0');
  text.write(`${time.slice(0, 8)}-${time.slice(8)}-7`, 'latin1');
}

function writeRandom(): void {
  if (used === POOL_BYTES) {
    randomFillSync(pool);
    used = 0;
  }
  text[18] = DASH;
  let at = 19;
  for (let index = 0; index < RANDOM_BYTES; index++) {
    const value = index === 0 ? VARIANT | (pool[used]! & 0x3f) : pool[used + index]!;
    text[at++] = HEX[value >> 4]!;
    text[at++] = HEX[value & 0xf]!;
    if (index === 1) text[at++] = DASH;
  }
  used += RANDOM_BYTES;
}
