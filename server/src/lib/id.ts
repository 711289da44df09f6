import { randomUUIDv7 } from 'node:crypto';

const COUNTER_MAX = 0xfff;

let lastMilliseconds = 0;
let counter = 0;

/**
 * A new UUIDv7: unique, and greater than every one that this process made before, also within a millisecond and when
 * the clock goes back. The 12 bits after the version count, as RFC 9562 section 6.2 (method 1) allows.
 */
export function newId(): string {
  const random = randomUUIDv7();
  const milliseconds = Number.parseInt(random.slice(0, 8) + random.slice(9, 13), 16);
  if (milliseconds > lastMilliseconds) {
    lastMilliseconds = milliseconds;
    counter = 0;
  } else if (counter < COUNTER_MAX) {
    counter++;
  } else {
    lastMilliseconds++;
    counter = 0;
  }
  const time = lastMilliseconds.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}${random.slice(18)}`;
}
