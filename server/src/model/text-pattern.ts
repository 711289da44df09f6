import type { TextMatch } from './log-filter.ts';

/**
 * What the text of a search means in a message, said once as an RE2 expression, so that the store that finds a record
 * and the highlighter that marks it agree.
 *
 * A word ends where the engine's text index ends one: at any ASCII character that is no letter or digit (other
 * characters belong to words). Words, phrases and wildcards ignore case and match whole words; `*` stands for
 * anything but white space. Scripts written without spaces are found anywhere in a run of text.
 */

const SEPARATOR = '[\\x00-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7f]';
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;

export interface TextPattern {
  /** RE2 source; `.` is any character, line ends too. */
  readonly source: string;
  /** The group that is the text itself, without the characters that bound it. */
  readonly group: 0 | 1;
  /**
   * Whole words that every match contains, each in all spellings that it may have there once ASCII letters are lower
   * case. Words that have too many, or that are not known to stand whole, are left out.
   */
  readonly words: readonly (readonly string[])[];
  /** What every match contains once ASCII letters are lower case; empty where that is not known. */
  readonly piece: string;
  /** True where `piece` is a part of a word. */
  readonly isWithinWord: boolean;
  /** True where holding the one token is all that the pattern asks. */
  readonly isToken: boolean;
}

/** `undefined` where everything matches (`*` alone). */
export function textPattern(text: string, match: TextMatch): TextPattern | undefined {
  if (match === 'regex') return { source: text, group: 0, words: [], piece: '', isWithinWord: false, isToken: false };
  if (match === 'wildcard') return wildcardPattern(text);
  return {
    source: `(?i)${bounded(text, escapeRegex(text))}`,
    group: 1,
    words: UNSPACED.test(text) ? [] : wordsOf(text),
    piece: hasOtherCase(text) ? '' : lowerAscii(text),
    isWithinWord: false,
    isToken: /^[A-Za-z0-9]+$/.test(text),
  };
}

function wordsOf(text: string): string[][] {
  const words = lowerAscii(text)
    .split(/[\0-/:-@[-`{-\x7f]+/)
    .filter((word) => word !== '');
  return [...new Set(words)].map(spellings).filter((all) => all.length > 0);
}

/** Letters beyond ASCII that have two cases. */
function hasOtherCase(text: string): boolean {
  return [...text].some((letter) => letter > '\x7f' && letter.toLowerCase() !== letter.toUpperCase());
}

const MAX_SPELLINGS = 16;

/** A word with each of its non-ASCII letters in either case; none where there are more than 16 such spellings. */
function spellings(word: string): string[] {
  // Greek sigma has a third form.
  if (/[σς]/i.test(word)) return [];
  let all = [''];
  for (const letter of word) {
    const forms = letter <= '\x7f' ? [letter] : [...new Set([letter, letter.toLowerCase(), letter.toUpperCase()])];
    all = all.flatMap((start) => forms.map((form) => start + form));
    if (all.length > MAX_SPELLINGS) return [];
  }
  return all;
}

function wildcardPattern(text: string): TextPattern | undefined {
  const pieces = splitWildcard(text);
  if (pieces.every((piece) => piece === '')) return undefined;
  const source = pieces.map(escapeRegex).join('\\S*');
  const longest = pieces
    .flatMap((piece) => lowerAscii(piece).match(/[a-z0-9]+/g) ?? [])
    .reduce((best, run) => (run.length > best.length ? run : best), '');
  // A star at an end reaches to the end of the word by itself: no boundary there.
  const first = pieces[0] === '' ? ' ' : pieces[0]!;
  const last = pieces.at(-1) === '' ? ' ' : pieces.at(-1)!;
  return {
    source: `(?i)${bounded(`${first}${last}`, source)}`,
    group: 1,
    words: [],
    piece: longest,
    isWithinWord: true,
    isToken: false,
  };
}

/** The literal pieces between the stars of a wildcard text. */
export function splitWildcard(text: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '*') {
      pieces.push(piece);
      piece = '';
    } else {
      piece += text[i] === '\\' && i + 1 < text.length ? text[++i] : text[i];
    }
  }
  return [...pieces, piece];
}

/** `source` with word boundaries wherever `text` begins or ends within a word. */
function bounded(text: string, source: string): string {
  const left = needsBoundary(text, /^./su) ? `(?:^|${SEPARATOR})` : '';
  const right = needsBoundary(text, /.$/su) ? `(?:$|${SEPARATOR})` : '';
  return `${left}(${source})${right}`;
}

function needsBoundary(text: string, end: RegExp): boolean {
  const character = end.exec(text)?.[0] ?? ' ';
  return !/^[\0-/:-@[-`{-\x7f]$/.test(character) && !UNSPACED.test(character);
}

/** What an RE2 expression needs to mean `text` itself. */
function escapeRegex(text: string): string {
  return text.replace(/[\\^$.|?*+()[\]{}]/g, '\\$&').replace(/\0/g, '\\x00');
}

/** Lower case of ASCII letters only, as the engine's `lower`. */
function lowerAscii(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
