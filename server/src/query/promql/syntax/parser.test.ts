import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QuerySyntaxError } from '../../parsing/syntax-error.ts';
import type { Expression } from './expression.ts';
import { formatPromql } from './format.ts';
import { parsePromql } from './parser.ts';
import { selectorsOf } from './selectors-of.ts';

describe('valid expressions', () => {
  it.each([
    // literals
    ['1', '1'],
    ['0x1F', '31'],
    ['1_000.5e1', '10005'],
    ['.5', '0.5'],
    ['2.', '2'],
    ['1h30m', '5400'],
    ['-Inf', '-Inf'],
    ['nan', 'NaN'],
    [String.raw`"a\"b\x41\u00e9"`, '"a\\"bAé"'],
    ['`raw\\n`', '"raw\\\\n"'],
    // selectors
    ['up', 'up'],
    ['job:rate5m:sum', 'job:rate5m:sum'],
    ['up{}', 'up'],
    [`up{a='1', b!="2",c=~"3",d!~"4",}`, 'up{a="1", b!="2", c=~"3", d!~"4"}'],
    ['{"http.requests", "service.name"="shop"}', '{__name__="http.requests", "service.name"="shop"}'],
    ['{__name__="up"}', 'up'],
    ['up[5m]', 'up[5m]'],
    ['up[300]', 'up[5m]'],
    ['up[1h30m] offset -5m @ 10', 'up[1h30m] @ 10.000 offset -5m'],
    ['up @ start() offset 1w', 'up @ start() offset 7d'],
    ['up[5m:]', 'up[5m:]'],
    ['up[5m:30s] @ end()', 'up[5m:30s] @ end()'],
    ['up[step() + max_of(1m, range())]', 'up[step() + max_of(1m, range())]'],
    ['rate(x_total[5m] anchored)', 'rate(x_total[5m] anchored)'],
    // names that are keywords elsewhere
    ['on', 'on'],
    ['sum', 'sum'],
    ['offset offset 5m', 'offset offset 5m'],
    ['bool == bool', 'bool == bool'],
    ['fill + fill(0) fill', 'fill + fill_left (0) fill_right (0) fill'],
    // operators
    ['1+2*3^4', '1 + 2 * 3 ^ 4'],
    ['-1^2', '-1 ^ 2'],
    ['a AND b Or c', 'a and b or c'],
    ['a > bool 1', 'a > bool 1'],
    ['a * on(x) group_left(y, "z.z") b', 'a * on (x) group_left (y, "z.z") b'],
    ['a / ignoring() group_right b', 'a / ignoring () group_right () b'],
    // calls and aggregations
    ['SUM BY (job) (up)', 'sum by (job) (up)'],
    ['sum(up) without (instance,)', 'sum without (instance) (up)'],
    ['topk(3, up)', 'topk(3, up)'],
    ['time()', 'time()'],
    ['label_replace(up, "a", "$1", "b", "(.*)")', 'label_replace(up, "a", "$1", "b", "(.*)")'],
    ['# comment\nup # another', 'up'],
  ])('%s', (text, formatted) => {
    expect(formatPromql(parsePromql(text))).toBe(formatted);
  });

  it('binds operators as the language says', () => {
    const shape = (expression: Expression): unknown => {
      if (expression.kind === 'binary') return [shape(expression.left), expression.operator, shape(expression.right)];
      if (expression.kind === 'unary') return [expression.operator, shape(expression.operand)];
      return formatPromql(expression);
    };
    const f = (text: string) => shape(parsePromql(text));
    expect(f('a + b * c')).toEqual(['a', '+', ['b', '*', 'c']]);
    expect(f('a - b - c')).toEqual([['a', '-', 'b'], '-', 'c']);
    expect(f('a ^ b ^ c')).toEqual(['a', '^', ['b', '^', 'c']]);
    expect(f('-a ^ b')).toEqual(['-', ['a', '^', 'b']]);
    expect(f('-a * b')).toEqual([['-', 'a'], '*', 'b']);
    expect(f('a or b and c')).toEqual(['a', 'or', ['b', 'and', 'c']]);
    expect(f('a + b > c unless d')).toEqual([[['a', '+', 'b'], '>', 'c'], 'unless', 'd']);
  });

  it('finds all selectors', () => {
    const found = selectorsOf(
      parsePromql('sum(rate(a[5m])) / on() group_left() avg_over_time(b{c="d"}[1h:5m]) > bool 3'),
    );
    expect(found.map(formatPromql)).toEqual(['a', 'b{c="d"}']);
  });
});

describe('invalid expressions', () => {
  it.each([
    ['', '1:1', 'no expression found in input'],
    ['up{', '1:4', 'unexpected end of input in label matching, expected a label, a quoted name or "}"'],
    ['up{a}', '1:5', 'unexpected "}" in label matching, expected one of "=", "!=", "=~", "!~"'],
    ['up{a=b}', '1:6', 'unexpected "b" in label matching, expected a quoted value'],
    ['sum(\n  up\n', '3:1', 'unexpected end of input in aggregation, expected "," or ")"'],
    ['1 +', '1:4', 'unexpected end of input in expression, expected a number, string, selector, function or "("'],
    ['up up', '1:4', 'unexpected "up" in expression, expected an operator or the end'],
    ['up ;', '1:4', 'unexpected character: ";"'],
    ['up[5x]', '1:4', 'bad number or duration syntax: "5x"'],
    ['up{a="1}', '1:6', 'unterminated quoted string'],
    ['up[0s]', '1:4', 'duration must be greater than 0'],
    ['{}', '1:1', 'vector selector must contain at least one non-empty matcher'],
    ['{a=~".*"}', '1:1', 'vector selector must contain at least one non-empty matcher'],
    ['a{__name__="b"}', '1:1', 'metric name must not be set twice: "a" or "b"'],
    ['(a)[5m]', '1:4', 'ranges only allowed for vector selectors'],
    [
      '1 offset 5m',
      '1:1',
      'offset modifier must be preceded by an instant vector selector or range vector selector or a subquery',
    ],
    ['a offset 5m offset 5m', '1:13', 'offset may not be set multiple times'],
    ['1 > 2', '1:3', 'comparisons between scalars must use BOOL modifier'],
    ['a + bool b', '1:5', 'bool modifier can only be used on comparison operators'],
    ['1 and a', '1:1', 'set operator "and" not allowed in binary scalar expression'],
    ['a and on(x) group_left b', '1:1', 'no grouping allowed for "and" operation'],
    ['a + on(x) group_left(x) b', '1:1', 'label "x" must not occur in ON and GROUP clause at once'],
    ['a + on(x) 1', '1:1', 'vector matching only allowed between instant vectors'],
    ['"a" + 1', '1:1', 'binary expression must contain only scalar and instant vector types'],
    ['rate(up)', '1:6', 'expected type range vector in call to function "rate", got instant vector'],
    ['sum(up[5m])', '1:5', 'expected type instant vector in aggregation expression, got range vector'],
    ['rat(up[5m])', '1:1', 'unknown function with name "rat" (did you mean rad, rate, irate?)'],
    ['clamp(up, 1)', '1:1', 'expected 3 argument(s) in call to "clamp", got 2'],
    ['topk(up)', '1:1', 'wrong number of arguments for aggregate expression provided, expected 2, got 1'],
    ['-"a"', '1:1', 'unary expression only allowed on expressions of type scalar or instant vector, got "string"'],
    ['a[5m:1m][5m:1m]', '1:1', 'subquery is only allowed on instant vector, got range vector instead'],
  ])('%s', (text, position, reason) => {
    let error: unknown;
    try {
      parsePromql(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(QuerySyntaxError);
    expect((error as QuerySyntaxError).message).toBe(`${position}: parse error: ${reason}`);
  });

  it.each([
    ['characters', `"${'x'.repeat(100_000)}"`],
    ['parentheses', `${'('.repeat(10_000)}1`],
    ['signs', `${'-'.repeat(10_000)}a`],
    ['calls', `${'abs('.repeat(10_000)}a`],
    ['durations', `a[${'('.repeat(10_000)}1`],
    ['signs of durations', `a[${'-'.repeat(10_000)}1`],
    ['operators', Array.from({ length: 10_000 }, () => 'a').join(' + ')],
    ['powers', Array.from({ length: 10_000 }, () => '2').join(' ^ ')],
    ['subqueries', `a${'[1h:1m]'.repeat(10_000)}`],
  ])('too many %s', (_name, text) => {
    expect(() => parsePromql(text)).toThrow(QuerySyntaxError);
  });

  it('a wrong regular expression', () => {
    expect(() => parsePromql('up{a=~"("}')).toThrow(/^1:1: parse error: .*missing closing/);
  });
});

describe('any expression', () => {
  const name = fc.constantFrom('a', 'http_requests_total', 'job:x', 'on', 'sum', 'time');
  const label = fc.constantFrom('job', 'le', 'service.name', 'a b');
  const selector = fc
    .tuple(name, fc.array(fc.tuple(label, fc.constantFrom('=', '!='), fc.string({ unit: 'binary' })), { maxLength: 2 }))
    .map(
      ([metric, matchers]) =>
        `{"${metric}"${matchers.map(([key, operator, value]) => `, "${key}"${operator}${JSON.stringify(value)}`).join('')}}`,
    );
  const { expression } = fc.letrec<{ expression: string }>((tie) => ({
    expression: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      selector,
      fc
        .tuple(tie('expression'), fc.constantFrom('+', '-', '*', '/', '^', '> bool', 'and', 'or'), selector)
        .map((parts) => parts.join(' ')),
      tie('expression').map((inner) => `-(${inner})`),
      tie('expression').map((inner) => `sum by (job, "a b") (${inner})`),
      tie('expression').map((inner) => `max_over_time((${inner})[1h:5m] offset 90s)`),
      selector.map((inner) => `rate(${inner}[5m] @ 1.5)`),
    ),
  }));

  it('is the same after formatting and parsing again', () => {
    const withoutSpans = (text: string) =>
      JSON.stringify(parsePromql(text), (key, value: unknown) => (key === 'span' ? undefined : value));
    fc.assert(
      fc.property(expression, (text) => {
        expect(withoutSpans(formatPromql(parsePromql(text)))).toBe(withoutSpans(text));
      }),
      { numRuns: 300 },
    );
  });

  it('never fails but with a syntax error', () => {
    const piece = fc.constantFrom(
      'a',
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '"x"',
      '5m',
      '1',
      '+',
      '-',
      ',',
      ':',
      '@',
      'by',
      'offset',
      'sum',
      '=',
      'on',
      'bool',
      'start',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        try {
          parsePromql(pieces.join(' '));
        } catch (error) {
          expect(error).toBeInstanceOf(QuerySyntaxError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
