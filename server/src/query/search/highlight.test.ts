import { describe, expect, it } from 'vitest';
import { highlighter } from './highlight.ts';
import { parseSearch } from './parser.ts';

/** The message with every highlight in brackets. */
function mark(search: string, message: string): string {
  let marked = '';
  let from = 0;
  for (const [start, end] of highlighter(parseSearch(search))(message)) {
    marked += `${message.slice(from, start)}[${message.slice(start, end)}]`;
    from = end;
  }
  return marked + message.slice(from);
}

describe('highlighter', () => {
  it.each([
    ['timeout', 'Timeout after timeouts, TIMEOUT', '[Timeout] after timeouts, [TIMEOUT]'],
    ['connection refused', 'connection to db refused', '[connection] to db [refused]'],
    ['"connection refused"', 'connection refused, not refused', '[connection refused], not refused'],
    ['a -b', 'a b', '[a] b'],
    ['a OR b', 'b a c', '[b] [a] c'],
    ['err*', 'an error, errno=5 terror', 'an [error,] [errno=5] terror'],
    ['*out', 'timeout outside', '[timeout] outside'],
    ['/t[io]m/', 'tim tom atom', '[tim] [tom] a[tom]'],
    ['/x*/', 'axxb', 'a[xx]b'],
    ['message:timed', 'timed out', '[timed] out'],
    ['service:timed', 'timed out', 'timed out'],
    ['foo "foo bar"', 'foo bar', '[foo bar]'],
    ['foo.bar', 'foo.bar foo-bar foo.bars', '[foo.bar] foo-bar foo.bars'],
    ['"[ERROR]"', 'x[ERROR]y', 'x[[ERROR]]y'],
    ['foo', 'foo foo', '[foo] [foo]'],
    ['ÄRGER', 'kein ärger', 'kein [ärger]'],
    ['错误', '发生错误了', '发生[错误]了'],
    ['*', 'all', 'all'],
    ['ok', '😀 ok', '😀 [ok]'],
  ])('%s in %s', (search, message, marked) => {
    expect(mark(search, message)).toBe(marked);
  });

  it('marks at most 100 places of the first 16 Ki characters', () => {
    const highlight = highlighter(parseSearch('x'));
    expect(highlight('x '.repeat(1000))).toHaveLength(100);
    expect(highlight(`${' '.repeat(16_384)}x`)).toEqual([]);
  });
});
