import { RE2JS } from 're2js';
import { invalid, type ServiceError } from '../../model/errors.ts';
import type { LogFilter, TextMatch } from '../../model/log-filter.ts';
import { LOG_LEVELS } from '../../model/log-record.ts';

type Condition = Extract<LogFilter, { kind: 'text' | 'field' }>;
type Operator = Extract<LogFilter, { kind: 'field' }>['operator'];

/** A piece of a search; `position` counts characters from 1, as people do. */
export type Token =
  | { readonly kind: '(' | ')' | 'and' | 'or' | 'not' | 'end'; readonly position: number }
  | { readonly kind: 'condition'; readonly position: number; readonly condition: Condition };

const KEYWORDS: Readonly<Record<string, 'and' | 'or' | 'not'>> = { AND: 'and', OR: 'or', NOT: 'not' };
/** Fields begin with a letter, so that `12:30:45` stays a word; a URL's scheme is no field either. */
const FIELD = /(?:[\p{L}_@$]|\\.)(?:[\p{L}\p{N}_.@$/-]|\\.)*:(?!\/\/)/suy;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** The 422 of a search that cannot be read, naming the place and what would be right there. */
export function searchError(position: number, message: string): ServiceError {
  return invalid({ path: 'q', message: `position ${position}: ${message}` });
}

/** Cuts a search into tokens. Throws the error of `searchError` and nothing else. */
export function tokenize(search: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (true) {
    at = skipSpace(search, at);
    const position = at + 1;
    const character = search[at];
    if (character === undefined) return [...tokens, { kind: 'end', position }];
    if (character === '(' || character === ')') {
      tokens.push({ kind: character, position });
      at += 1;
    } else if (character === '-') {
      if (/^[\s)-]?$/.test(search[at + 1] ?? '')) {
        throw searchError(position, 'expected a word, "phrase" or field after -; to search for a dash write "-"');
      }
      tokens.push({ kind: 'not', position });
      at += 1;
    } else {
      const { token, next } = readTerm(search, at);
      tokens.push(token);
      at = next;
    }
  }
}

function skipSpace(search: string, at: number): number {
  let next = at;
  while (next < search.length && /\s/.test(search[next]!)) next += 1;
  return next;
}

function readTerm(search: string, at: number): { token: Token; next: number } {
  const position = at + 1;
  FIELD.lastIndex = at;
  const field = FIELD.exec(search)?.[0];
  if (field) {
    const { condition, next } = readField(search, at, takeEscapes(field.slice(0, -1)), at + field.length);
    return { token: { kind: 'condition', position, condition }, next };
  }
  const { text, match, next, raw } = readText(search, at);
  const keyword = Object.hasOwn(KEYWORDS, raw) ? KEYWORDS[raw] : undefined;
  if (keyword) return { token: { kind: keyword, position }, next };
  return { token: { kind: 'condition', position, condition: { kind: 'text', text, match } }, next };
}

interface Text {
  readonly text: string;
  readonly match: TextMatch;
  readonly next: number;
  /** As it was written. */
  readonly raw: string;
}

/** A phrase, a regular expression or a word, whichever begins here. */
function readText(search: string, at: number): Text {
  if (search[at] === '"') return readPhrase(search, at);
  return (search[at] === '/' ? readRegex(search, at) : undefined) ?? readWord(search, at);
}

function readPhrase(search: string, at: number): Text {
  let text = '';
  for (let i = at + 1; i < search.length; i++) {
    const character = search[i]!;
    if (character === '\\' && i + 1 < search.length) text += search[++i];
    else if (character !== '"') text += character;
    else {
      if (text.trim() === '') throw searchError(at + 1, 'expected text between the quotes, found none');
      return { text, match: 'phrase', next: i + 1, raw: search.slice(at, i + 1) };
    }
  }
  throw searchError(at + 1, 'expected a closing " for the phrase that begins here');
}

/** `undefined` where the slash begins a word such as `/api/orders`: an expression's last slash ends the term. */
function readRegex(search: string, at: number): Text | undefined {
  let end = at + 1;
  while (end < search.length && search[end] !== '/') end += search[end] === '\\' ? 2 : 1;
  if (end >= search.length || end === at + 1 || !/^[\s)]?$/.test(search[end + 1] ?? '')) return undefined;
  const text = search.slice(at + 1, end).replaceAll('\\/', '/');
  try {
    RE2JS.compile(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message.replace(/^error parsing regexp: /, '') : 'unreadable';
    throw searchError(at + 1, `expected a regular expression (RE2): ${reason}`);
  }
  return { text, match: 'regex', next: end + 1, raw: search.slice(at, end + 1) };
}

function readWord(search: string, at: number): Text {
  let end = at;
  let hasStar = false;
  while (end < search.length && !/[\s()"]/.test(search[end]!)) {
    if (search[end] === '*') hasStar = true;
    end += search[end] === '\\' ? 2 : 1;
  }
  const raw = search.slice(at, Math.min(end, search.length));
  const text = hasStar ? raw : takeEscapes(raw);
  return { text, match: hasStar ? 'wildcard' : 'word', next: Math.min(end, search.length), raw };
}

function takeEscapes(raw: string): string {
  return raw.replace(/\\(.)/gs, '$1');
}

function readField(search: string, start: number, field: string, at: number): { condition: Condition; next: number } {
  const sign = /(?:>=|<=|>|<)?/y;
  sign.lastIndex = at;
  const operator = (sign.exec(search)?.[0] || '=') as Operator;
  const from = operator === '=' ? at : at + operator.length;
  if (/^[\s()]?$/.test(search[from] ?? '')) {
    const hint =
      search[from] === '(' ? `; write (${field}:x OR ${field}:y)` : `; for the text itself write "${field}:"`;
    throw searchError(from + 1, `expected a value after ${search.slice(start, from)}${hint}`);
  }
  const value = readText(search, from);
  if (field === 'level') return { condition: levelCondition(operator, value, from), next: value.next };
  if (operator !== '=' && (value.match !== 'word' || !NUMBER.test(value.text))) {
    throw searchError(from + 1, `expected a number after ${operator}, found ${value.raw}`);
  }
  return { condition: { kind: 'field', field, operator, value: value.text, match: value.match }, next: value.next };
}

/** `level:warn`, `level:>=warn`, and `level:warn+` as in the list's filter; `level:unknown` where there is none. */
function levelCondition(operator: Operator, value: Text, from: number): Condition {
  const isOpen = operator === '=' && value.match === 'word' && value.text.endsWith('+');
  const name = (isOpen ? value.text.slice(0, -1) : value.text).toLowerCase();
  const isText = value.match === 'word' || value.match === 'phrase';
  const isKnown = LOG_LEVELS.some((level) => level === name) || (name === 'unknown' && operator === '=' && !isOpen);
  if (!isText || !isKnown) {
    throw searchError(from + 1, `expected a level (${LOG_LEVELS.join(', ')}, unknown), found ${value.raw}`);
  }
  return { kind: 'field', field: 'level', operator: isOpen ? '>=' : operator, value: name, match: 'word' };
}
