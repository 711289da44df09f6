import type { LabelMatcher } from '../../model/label-matcher.ts';

type Operator = LabelMatcher['operator'];

/**
 * Matchers as Alertmanager writes them: `severity="critical"`, `{team=~"a|b", "λ"!="x"}`. The UTF-8 form is tried
 * first; what only its older, laxer form understands is taken as that means it. Throws an `Error` that says what is wrong.
 * https://prometheus.io/docs/alerting/latest/configuration/#matcher
 */
export function parseMatchers(text: string): LabelMatcher[] {
  const classic = attempt(() => parseClassic(text));
  const utf8 = attempt(() => new Utf8Parser(text).parse());
  if (utf8.matchers === undefined) {
    if (classic.matchers === undefined) throw utf8.error;
    return classic.matchers;
  }
  // Where the two read a text differently, the older reading is what its author has known all along.
  const differs = classic.matchers && JSON.stringify(classic.matchers) !== JSON.stringify(utf8.matchers);
  return differs ? classic.matchers! : utf8.matchers;
}

type Attempt = { matchers: LabelMatcher[]; error?: undefined } | { matchers?: undefined; error: Error };

function attempt(parse: () => LabelMatcher[]): Attempt {
  try {
    return { matchers: parse() };
  } catch (error) {
    return { error: error as Error };
  }
}

const SPACE = /\s/u;
const RESERVED = '{}!=~,\\"\'`';

class Utf8Parser {
  readonly #text: string;
  #position = 0;

  constructor(text: string) {
    this.#text = text;
  }

  parse(): LabelMatcher[] {
    const matchers: LabelMatcher[] = [];
    const hasBrace = this.#takes('{');
    while (!this.#isAt('}') && !this.#isAtEnd()) {
      matchers.push(this.#matcher());
      if (!this.#takes(',')) break;
    }
    if (hasBrace && !this.#takes('}')) throw this.#unexpected('"," or "}"');
    this.#skipSpace();
    if (this.#position < this.#text.length) throw this.#unexpected(hasBrace ? 'the end' : '","');
    return matchers;
  }

  #matcher(): LabelMatcher {
    const name = this.#word('a label name');
    if (name === '') throw new Error(`${this.#text}: a label name must not be empty`);
    const operator = this.#operator();
    return { name, operator, value: this.#word('a value') };
  }

  #operator(): Operator {
    this.#skipSpace();
    for (const operator of ['=~', '!~', '!=', '='] as const) {
      if (this.#text.startsWith(operator, this.#position)) {
        this.#position += operator.length;
        return operator;
      }
    }
    throw this.#unexpected('=, !=, =~ or !~');
  }

  #word(what: string): string {
    this.#skipSpace();
    if (this.#text[this.#position] === '"') return this.#quoted();
    const start = this.#position;
    while (this.#position < this.#text.length) {
      const character = this.#text[this.#position]!;
      if (RESERVED.includes(character) || SPACE.test(character)) break;
      this.#position++;
    }
    if (this.#position === start) throw this.#unexpected(what);
    return this.#text.slice(start, this.#position);
  }

  #quoted(): string {
    const start = this.#position++;
    while (this.#position < this.#text.length && this.#text[this.#position] !== '"') {
      this.#position += this.#text[this.#position] === '\\' ? 2 : 1;
    }
    if (this.#position >= this.#text.length) throw new Error(`${this.#text}: the quote at ${start + 1} is not closed`);
    this.#position++;
    return unquote(this.#text.slice(start + 1, this.#position - 1));
  }

  #takes(character: string): boolean {
    if (!this.#isAt(character)) return false;
    this.#position++;
    return true;
  }

  #isAt(character: string): boolean {
    this.#skipSpace();
    return this.#text[this.#position] === character;
  }

  #isAtEnd(): boolean {
    this.#skipSpace();
    return this.#position >= this.#text.length;
  }

  #skipSpace(): void {
    while (this.#position < this.#text.length && SPACE.test(this.#text[this.#position]!)) this.#position++;
  }

  #unexpected(wanted: string): Error {
    const found = this.#position < this.#text.length ? `"${this.#text[this.#position]}"` : 'the end';
    return new Error(`${this.#text}: expected ${wanted} at position ${this.#position + 1}, found ${found}`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  '"': '"',
};

/** The inside of a double-quoted Go string. */
function unquote(text: string): string {
  return text.replace(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|([0-7]{3})|(.?))/gsu,
    (whole, x, u, long, octal, one) => {
      const hex = x ?? u ?? long;
      if (hex !== undefined) return String.fromCodePoint(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      const character = ESCAPES[one];
      if (character === undefined) throw new Error(`"${text}": ${whole} is no escape sequence`);
      return character;
    },
  );
}

const CLASSIC = /^\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(=~|!=|!~|=)\s*([\s\S]*?)\s*$/;

function parseClassic(text: string): LabelMatcher[] {
  const inner = text.trim().replace(/^\{/, '').replace(/\}$/, '');
  return splitAtCommas(inner)
    .filter((part, index, parts) => part.trim() !== '' || (index !== parts.length - 1 && parts.length > 1))
    .map(parseClassicMatcher);
}

/** At commas that stand outside of quotes. */
function splitAtCommas(text: string): string[] {
  const parts: string[] = [];
  let [part, quoted, escaped] = ['', false, false];
  for (const character of text) {
    if (character === ',' && !quoted) {
      parts.push(part);
      part = '';
      continue;
    }
    if (character === '"' && !escaped) quoted = !quoted;
    escaped = character === '\\' && !escaped;
    part += character;
  }
  return [...parts, part];
}

function parseClassicMatcher(text: string): LabelMatcher {
  const [, name, operator, raw] = CLASSIC.exec(text) ?? [];
  if (name === undefined) throw new Error(`bad matcher format: ${text}`);
  return { name, operator: operator as Operator, value: classicValue(raw!, text) };
}

function classicValue(raw: string, text: string): string {
  const isQuoted = raw.startsWith('"');
  if (isQuoted !== /(?:^|[^\\])(?:\\\\)*"$/.test(raw) || raw === '"') {
    throw new Error(`matcher value contains unescaped double quote: ${text}`);
  }
  const inner = isQuoted ? raw.slice(1, -1) : raw;
  if (/(?:^|[^\\])(?:\\\\)*"/.test(inner)) throw new Error(`matcher value contains unescaped double quote: ${text}`);
  return inner.replace(/\\([n"\\])/g, (_, character) => (character === 'n' ? '\n' : character));
}
