import { expect, it } from 'vitest';
import { SteadyNow } from './steady-now.ts';

const HOUR = 3_600_000;

it.each([-5 * HOUR, 5 * HOUR])('holds the time before a jump by %i ms possible for an hour', (jump) => {
  const start = Date.UTC(2026, 10, 23);
  let elapsed = 0;
  let offset = start;
  const steady = new SteadyNow(() => elapsed);
  const range = () => steady.range(elapsed + offset);
  expect(range()).toEqual({ earliest: start, latest: start });
  offset += 1000;
  elapsed += 60_000;
  const now = start + 61_000;
  expect(range()).toEqual({ earliest: now, latest: now });
  offset += jump;
  expect(range()).toEqual({ earliest: Math.min(now, now + jump), latest: Math.max(now, now + jump) });
  elapsed += HOUR;
  expect(range().latest - range().earliest).toBe(Math.abs(jump));
  elapsed += 1;
  expect(range()).toEqual({ earliest: now + jump + HOUR + 1, latest: now + jump + HOUR + 1 });
});
