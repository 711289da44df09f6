import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../model/errors.ts';
import type { LogFilter } from '../../model/log-filter.ts';
import { highlighter } from './highlight.ts';
import { parseSearch } from './parser.ts';

/** The tree on one line: `(and word:a (not phrase:b))`, fields as `name>=word:5`. */
function show(filter: LogFilter): string {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return `(${filter.kind} ${filter.operands.map(show).join(' ')})`;
    case 'not':
      return `(not ${show(filter.operand)})`;
    case 'text':
      return `${filter.match}:${filter.text}`;
    case 'field':
      return `${filter.field}${filter.operator}${filter.match}:${filter.value}`;
  }
}

describe('parseSearch', () => {
  it.each([
    ['timeout', 'word:timeout'],
    ['connection refused', '(and word:connection word:refused)'],
    ['connection AND refused', '(and word:connection word:refused)'],
    ['"connection refused"', 'phrase:connection refused'],
    [String.raw`"a \"quoted\" word"`, 'phrase:a "quoted" word'],
    ['-debug', '(not word:debug)'],
    ['NOT debug', '(not word:debug)'],
    ['a -b c', '(and word:a (not word:b) word:c)'],
    ['-(a b)', '(not (and word:a word:b))'],
    ['a OR b', '(or word:a word:b)'],
    ['a b OR c d', '(or (and word:a word:b) (and word:c word:d))'],
    ['a (b OR c)', '(and word:a (or word:b word:c))'],
    ['a OR b OR (c OR d)', '(or word:a word:b word:c word:d)'],
    ['a or b', '(and word:a word:or word:b)'],
    ['well-known', 'word:well-known'],
    ['"-"', 'phrase:-'],
    ['conn*', 'wildcard:conn*'],
    [String.raw`2\*3`, 'word:2*3'],
    [String.raw`2\**`, String.raw`wildcard:2\**`],
    ['*', 'wildcard:*'],
    ['/time(d|s) out/', 'regex:time(d|s) out'],
    [String.raw`/a\/b\d/`, String.raw`regex:a/b\d`],
    ['/api/orders', 'word:/api/orders'],
    ['/api/orders/ failed', '(and word:/api/orders/ word:failed)'],
    ['/health', 'word:/health'],
    ['(/x/)', 'regex:x'],
    ['service:checkout', 'service=word:checkout'],
    ['service:espice/orders', 'service=word:espice/orders'],
    ['service:"data processing"', 'service=phrase:data processing'],
    ['http.route:/api/*', 'http.route=wildcard:/api/*'],
    ['http.route:/api/orders', 'http.route=word:/api/orders'],
    ['user.name:/^a.*z$/', 'user.name=regex:^a.*z$'],
    ['http.response.status_code:>=500', 'http.response.status_code>=word:500'],
    ['duration:<1.5e3', 'duration<word:1.5e3'],
    ['delta:>-3', 'delta>word:-3'],
    ['level:ERROR', 'level=word:error'],
    ['level:warn+', 'level>=word:warn'],
    ['level:>=warn', 'level>=word:warn'],
    ['level:unknown', 'level=word:unknown'],
    ['-level:debug', '(not level=word:debug)'],
    ['k8s.pod.name:*', 'k8s.pod.name=wildcard:*'],
    [String.raw`my\ key:1`, 'my key=word:1'],
    [String.raw`user\:5`, 'word:user:5'],
    ['12:30:45', 'word:12:30:45'],
    ['http://host/path', 'word:http://host/path'],
    ['a:b:c', 'a=word:b:c'],
    ['größe:5', 'größe=word:5'],
    ['x"y z"', '(and word:x phrase:y z)'],
    ['constructor toString', '(and word:constructor word:toString)'],
  ])('%s', (search, tree) => {
    expect(show(parseSearch(search))).toBe(tree);
  });

  it.each([
    ['', 'position 1: expected a word, "phrase", field:value, /regex/ or (, found the end'],
    ['   ', 'position 4: expected a word, "phrase", field:value, /regex/ or (, found the end'],
    ['a OR', 'position 5: expected a word, "phrase", field:value, /regex/ or (, found the end'],
    ['OR a', 'position 1: expected a word, "phrase", field:value, /regex/ or (, found OR'],
    ['a AND OR b', 'position 7: expected a word, "phrase", field:value, /regex/ or (, found OR'],
    ['()', 'position 2: expected a word, "phrase", field:value, /regex/ or (, found )'],
    ['(a OR b', 'position 8: expected ) for the ( at position 1'],
    ['a) b', 'position 2: expected nothing more, found )'],
    ['"open', 'position 1: expected a closing " for the phrase that begins here'],
    ['say ""', 'position 5: expected text between the quotes, found none'],
    ['a - b', 'position 3: expected a word, "phrase" or field after -; to search for a dash write "-"'],
    ['--verbose', 'position 1: expected a word, "phrase" or field after -; to search for a dash write "-"'],
    ['/a(b/', 'position 1: expected a regular expression (RE2): missing closing ): `a(b`'],
    ['service:', 'position 9: expected a value after service:; for the text itself write "service:"'],
    ['Error: x', 'position 7: expected a value after Error:; for the text itself write "Error:"'],
    ['a:(b OR c)', 'position 3: expected a value after a:; write (a:x OR a:y)'],
    ['a:> 5', 'position 4: expected a value after a:>; for the text itself write "a:"'],
    ['a:>five', 'position 4: expected a number after >, found five'],
    ['a:>"5"', 'position 4: expected a number after >, found "5"'],
    ['level:warning', 'position 7: expected a level (trace, debug, info, warn, error, fatal, unknown), found warning'],
    ['level:>unknown', 'position 8: expected a level (trace, debug, info, warn, error, fatal, unknown), found unknown'],
    ['level:e*', 'position 7: expected a level (trace, debug, info, warn, error, fatal, unknown), found e*'],
    [`${'('.repeat(40)}a`, 'position 34: expected at most 32 levels of ( and -'],
    ['a '.repeat(101), 'position 201: expected at most 100 conditions'],
    ['a'.repeat(4097), 'at most 4096 characters, not 4097'],
  ])('refuses %s', (search, message) => {
    expect(() => parseSearch(search)).toThrow(
      expect.objectContaining({ code: 'invalid', issues: [{ path: 'q', message }] }),
    );
  });

  it('never fails in another way, and what it takes can be highlighted', () => {
    const piece = fc.constantFrom(
      ...[
        'a',
        'b:',
        'level:',
        '"',
        '/',
        '\\',
        '(',
        ')',
        '*',
        '-',
        ' ',
        'OR',
        ':',
        '>',
        '1',
        '[',
        '\\Q',
        'é',
        '日',
        '\0',
      ],
    );
    const search = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join('')),
    );
    fc.assert(
      fc.property(search, fc.string(), (text, message) => {
        try {
          for (const [start, end] of highlighter(parseSearch(text))(message)) expect(start).toBeLessThan(end);
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError);
          expect(error).toMatchObject({ code: 'invalid', issues: [{ path: 'q' }] });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
