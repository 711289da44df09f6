import fc from 'fast-check';
import { expect, it } from 'vitest';
import { textGlob } from './text-glob.ts';

it.each([
  ['abc', 'abc', true],
  ['abc', 'abcd', false],
  ['*', '', true],
  ['a*', 'abc', true],
  ['*c', 'abc', true],
  ['a*b*c', 'a1b2c', true],
  ['a*b*c', 'acb', false],
  ['ab*ba', 'aba', false],
  ['*a*a*', 'aa', true],
  ['*a*a*', 'ba', false],
  ['a.c', 'abc', false],
])('%s of %s: %s', (pattern, text, fits) => {
  expect(textGlob(pattern)(text)).toBe(fits);
});

it('agrees with the regular expression that it stands for', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 8 }).map((list) => list.join(''));
  fc.assert(
    fc.property(letters, letters, (pattern, text) => {
      expect(textGlob(pattern)(text)).toBe(new RegExp(`^${pattern.replaceAll('*', '.*')}$`).test(text));
    }),
  );
});
