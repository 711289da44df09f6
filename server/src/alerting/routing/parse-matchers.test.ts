import { describe, expect, it } from 'vitest';
import { compileMatchers, formatMatchers } from './label-matchers.ts';
import { parseMatchers } from './parse-matchers.ts';

describe('parseMatchers', () => {
  it.each([
    ['foo="bar"', '{foo="bar"}'],
    [' foo = bar ', '{foo="bar"}'],
    ['{foo=~"a|b", bar!="c"}', '{foo=~"a|b",bar!="c"}'],
    ['{foo="bar",}', '{foo="bar"}'],
    ['{}', '{}'],
    ['foo!~"a.*",bar=x', '{foo!~"a.*",bar="x"}'],
    ['"host name"="a b"', '{"host name"="a b"}'],
    ['Σ="🙂"', '{Σ="🙂"}'],
    ['foo="say \\"hi\\"\\n"', '{foo="say \\"hi\\"\\n"}'],
    ['"é"="\\u00e9\\x41"', '{é="éA"}'],
    ['foo=a=b', '{foo="a=b"}'],
    ['foo=""', '{foo=""}'],
    ['foo=', '{foo=""}'],
  ])('reads %s', (text, shown) => {
    expect(formatMatchers(parseMatchers(text))).toBe(shown);
  });

  it.each(['foo', '="x"', 'foo=="x', 'foo="x', 'foo="x" bar="y"', 'foo="a"b"', '""="x"', '{"foo"="x"'])(
    'refuses %s',
    (text) => {
      expect(() => parseMatchers(text)).toThrow();
    },
  );
});

describe('compileMatchers', () => {
  const matches = (text: string, labels: Record<string, string>) =>
    compileMatchers(parseMatchers(text)).matches(labels);

  it('anchors patterns and takes a missing label for the empty one', () => {
    expect(matches('a=~"b"', { a: 'abc' })).toBe(false);
    expect(matches('a=~"b|"', {})).toBe(true);
    expect(matches('a=""', {})).toBe(true);
    expect(matches('a!="x"', {})).toBe(true);
    expect(matches('a!~"x.*", c="d"', { a: 'y', c: 'd' })).toBe(true);
  });

  it('refuses what is no pattern', () => {
    expect(() => compileMatchers(parseMatchers('a=~"("'))).toThrow(/regular expression/);
  });
});
