import { expect, it } from 'vitest';
import { readMatchers } from './matchers.ts';

it('divides matchers at commas outside of quotes', () => {
  expect(readMatchers('a="1", b=~"x,y" ,')).toEqual(['a="1"', 'b=~"x,y"']);
  expect(readMatchers('a="say \\", please"')).toEqual(['a="say \\", please"']);
  expect(readMatchers('severity=critical')).toEqual(['severity=critical']);
  expect(readMatchers('  ')).toEqual([]);
});
