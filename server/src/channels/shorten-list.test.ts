import { expect, it } from 'vitest';
import { shortenList } from './shorten-list.ts';

const items = (count: number) => Array.from({ length: count }, (_, index) => `- item ${index + 1}`).join('\n');

it.each([
  ['what fits stays', `3 firing.\n${items(3)}`, 100, `3 firing.\n${items(3)}`],
  ['whole lines go, and are counted', `5 firing.\n${items(5)}`, 45, `5 firing.\n${items(2)}\nand 3 more`],
  [
    'those left out before count, too',
    `25 firing.\n${items(5)}\nand 20 more`,
    46,
    `25 firing.\n${items(2)}\nand 23 more`,
  ],
  [
    'what stands after the list is kept',
    `5 firing.\n${items(5)}\n\nDelayed.`,
    45,
    `5 firing.\n${items(1)}\nand 4 more\n\nDelayed.`,
  ],
  ['lines of one item go together', '2.\n- one\n  two\n- three\n  fourfour', 26, '2.\n- one\n  two\nand 1 more'],
  ['a text without a list is cut', 'x'.repeat(30), 10, `${'x'.repeat(9)}…`],
  ['so is a list of which nothing fits', `- ${'x'.repeat(30)}\n- y`, 10, `- ${'x'.repeat(7)}…`],
])('%s', (_name, text, limit, expected) => {
  const shortened = shortenList(text, limit);
  expect(shortened).toBe(expected);
  expect(shortened.length).toBeLessThanOrEqual(limit);
});
