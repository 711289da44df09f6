import { unquoteGo } from '../go-string.ts';
import { TemplateError } from './nodes.ts';

/** A piece of the text: plain, or what stands between `{{` and `}}`. */
export type Piece =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'action'; readonly tokens: readonly Token[]; readonly line: number };

export interface Token {
  readonly kind: 'word' | 'field' | 'variable' | 'string' | 'number' | 'char' | 'sign';
  readonly text: string;
  /** True where white space stands before it. */
  readonly isSpaced: boolean;
}

const COMMENT = /^\/\*[\s\S]*?\*\//;
const TOKEN =
  /(?<string>"(?:[^"\\\n]|\\.)*"|`[^`]*`)|(?<char>'(?:[^'\\\n]|\\.)+')|(?<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?))|(?<variable>\$[\p{L}\p{N}_]*)|(?<field>\.[\p{L}_][\p{L}\p{N}_]*)|(?<word>[\p{L}_][\p{L}\p{N}_]*)|(?<sign>:=|[=|(),.])/uy;

/** Cuts a template into its pieces. Throws `TemplateError` with the line. */
export function cutTemplate(name: string, source: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let line = 1;
  let trimsNext = false;
  const addText = (text: string, trimsEnd: boolean) => {
    line += text.split('\n').length - 1;
    let kept = trimsNext ? text.replace(/^[ \t\r\n]+/, '') : text;
    if (trimsEnd) kept = kept.replace(/[ \t\r\n]+$/, '');
    if (kept !== '') pieces.push({ kind: 'text', text: kept });
  };
  for (;;) {
    const open = source.indexOf('{{', at);
    if (open < 0) break;
    const trimsBefore = /^\{\{-[ \t\r\n]/.test(source.slice(open, open + 4));
    addText(source.slice(at, open), trimsBefore);
    const inner = open + (trimsBefore ? 3 : 2);
    const action = readAction(name, source, inner, line);
    if (action.tokens !== undefined) pieces.push({ kind: 'action', tokens: action.tokens, line });
    line += source.slice(open, action.end).split('\n').length - 1;
    at = action.end;
    trimsNext = action.trimsAfter;
  }
  addText(source.slice(at), false);
  return pieces;
}

interface Action {
  /** `undefined` for a comment. */
  readonly tokens: Token[] | undefined;
  readonly end: number;
  readonly trimsAfter: boolean;
}

function readAction(name: string, source: string, start: number, line: number): Action {
  const fail = (message: string) => new TemplateError(`template: ${name}:${line}: ${message}`);
  const comment = COMMENT.exec(source.slice(start).trimStart());
  if (comment) {
    const from = start + source.slice(start).indexOf('/*') + comment[0].length;
    const close = /^(\s-)?\}\}/.exec(source.slice(from));
    if (!close) throw fail('comment ends before closing delimiter');
    return { tokens: undefined, end: from + close[0].length, trimsAfter: close[1] !== undefined };
  }
  const tokens: Token[] = [];
  let at = start;
  for (;;) {
    const space = /\s*/y;
    space.lastIndex = at;
    const skipped = space.exec(source)![0].length;
    at += skipped;
    const close = /^(-)?\}\}/.exec(source.slice(at, at + 3));
    if (close && (close[1] === undefined || skipped > 0)) {
      return { tokens, end: at + close[0].length, trimsAfter: close[1] !== undefined };
    }
    if (at >= source.length) throw fail('unclosed action');
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(source);
    if (!match) throw fail(explain(source, at));
    at = TOKEN.lastIndex;
    const [kind] = Object.entries(match.groups!).find(([, text]) => text !== undefined) as [Token['kind'], string];
    tokens.push({ kind, text: match[0], isSpaced: skipped > 0 });
  }
}

function explain(source: string, at: number): string {
  const character = String.fromCodePoint(source.codePointAt(at)!);
  if (character === '"') return 'unterminated quoted string';
  if (character === '`') return 'unterminated raw quoted string';
  return `unexpected ${JSON.stringify(character)} in command`;
}

/** The value of a string, character or number. A number without point and exponent is an integer. */
export function constantOf(token: Token): string | number | bigint | undefined {
  if (token.kind === 'string') return unquoteGo(token.text);
  if (token.kind === 'char') {
    const text = unquoteGo(token.text);
    return text === undefined || [...text].length !== 1 ? undefined : BigInt(text.codePointAt(0)!);
  }
  const digits = token.text.replaceAll('_', '');
  if (/^[+-]?\d+$/.test(digits)) return BigInt(digits);
  if (/^[+-]?0[xXbBoO]/.test(digits)) {
    return digits.startsWith('-') ? -BigInt(digits.slice(1)) : BigInt(digits.replace('+', ''));
  }
  return Number(digits);
}
