import { isUtf8 } from 'node:buffer';
import type { ExpositionFormat } from './exposition.ts';

/** What breaks an exposition; the message names the line. */
export class ExpositionError extends Error {
  override readonly name = 'ExpositionError';
}

/** The text of an exposition, which must be UTF-8: a label with replaced characters would be another one. */
export function expositionText(body: Buffer): string {
  if (isUtf8(body)) return body.toString('utf8');
  let line = 1;
  for (let start = 0; ; line++) {
    const end = body.indexOf(0x0a, start);
    if (end < 0 || !isUtf8(body.subarray(start, end))) break;
    start = end + 1;
  }
  throw new ExpositionError(`line ${line}: the text is not UTF-8`);
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
const LABEL = /[a-zA-Z_][a-zA-Z0-9_]*/y;
const NUMBER = /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|[+-]?inf(?:inity)?|nan)$/i;

/** The number that a text says, or `undefined`. Hexadecimal and digits with `_` are none. */
export function parseNumber(text: string): number | undefined {
  if (!NUMBER.test(text)) return undefined;
  const letter = text.charCodeAt(text.length - 1) | 0x20;
  if (letter !== 0x66 && letter !== 0x79 && letter !== 0x6e) return Number(text);
  if (letter === 0x6e) return Number.NaN;
  return text.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Walks along one line. OpenMetrics wants one space between words, the text format takes several and tabs. */
export class LineScanner {
  readonly #line: string;
  readonly #strict: boolean;
  /** Of the line, from 1. */
  readonly lineNumber: number;
  #at = 0;

  constructor(line: string, number: number, format: ExpositionFormat) {
    this.#line = line;
    this.lineNumber = number;
    this.#strict = format === 'openmetrics';
  }

  get atEnd(): boolean {
    return this.#at >= this.#line.length;
  }

  /** Characters of the line that were stepped over. */
  get position(): number {
    return this.#at;
  }

  fail(what: string): never {
    throw new ExpositionError(`line ${this.lineNumber}: ${what}`);
  }

  /** True where `text` comes next. */
  isAt(text: string): boolean {
    return this.#line.startsWith(text, this.#at);
  }

  /** Steps over `text` where it comes next. */
  accept(text: string): boolean {
    if (!this.isAt(text)) return false;
    this.#at += text.length;
    return true;
  }

  /** The space between two words. */
  separator(): void {
    if (this.#strict) {
      if (!this.accept(' ')) this.fail('one space is expected');
    } else if (!this.blanks()) this.fail('a space is expected');
  }

  /** Steps over spaces and tabs where the format takes them; tells whether there were any. */
  blanks(): boolean {
    if (this.#strict) return false;
    const start = this.#at;
    while (this.#line[this.#at] === ' ' || this.#line[this.#at] === '\t') this.#at++;
    return this.#at > start;
  }

  /** Up to the next space, tab or the end. */
  word(): string {
    const start = this.#at;
    while (!this.atEnd && this.#line[this.#at] !== ' ' && this.#line[this.#at] !== '\t') this.#at++;
    return this.#line.slice(start, this.#at);
  }

  rest(): string {
    const rest = this.#line.slice(this.#at);
    this.#at = this.#line.length;
    return rest;
  }

  metricName(): string {
    return this.#name(NAME, 'a metric name');
  }

  #name(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#line)?.[0];
    if (found === undefined) return this.fail(`${what} is expected`);
    this.#at += found.length;
    return found;
  }

  /** Quoted text, or `undefined` where none begins here. */
  quoted(): string | undefined {
    if (this.#line[this.#at] !== '"') return undefined;
    const start = this.#at + 1;
    let end = this.#line.indexOf('"', start);
    const escaped = end >= 0 && this.#line.lastIndexOf('\\', end) >= start;
    if (escaped) end = this.#endOfEscaped(start);
    if (end < 0) return this.fail('a quote is missing at the end of a text');
    this.#at = end + 1;
    const text = this.#line.slice(start, end);
    return escaped ? this.unescape(text, true) : text;
  }

  #endOfEscaped(start: number): number {
    let at = start;
    while (at < this.#line.length && this.#line[at] !== '"') at += this.#line[at] === '\\' ? 2 : 1;
    return at < this.#line.length ? at : -1;
  }

  /** Backslashes of a label value, or of a help text, where the text format knows no `\"`. */
  unescape(text: string, quotes: boolean): string {
    return text.replace(/\\(.?)/gs, (all, letter: string) => {
      if (letter === 'n') return '\n';
      if (letter === '\\') return '\\';
      if (letter === '"' && (quotes || this.#strict)) return '"';
      return quotes && !this.#strict ? this.fail(`the escape ${all} is not known`) : all;
    });
  }

  /** The name and the labels before a value: `name`, `name{...}` or `{"name",...}`. */
  series(): { readonly name: string; readonly labels: Record<string, string> } {
    const twoNames = () => this.fail('the metric has two names');
    if (!this.accept('{')) {
      const name = this.metricName();
      const end = this.#at;
      this.blanks();
      if (this.accept('{')) return { name, labels: this.labels(twoNames) };
      this.#at = end;
      return { name, labels: {} };
    }
    let name = '';
    const labels = this.labels((found) => {
      if (name !== '') twoNames();
      name = found;
    });
    if (name === '') this.fail('the metric has no name');
    return { name, labels };
  }

  /** After `{`, up to and with `}`. A quoted text alone is the metric's name, given to `onName`. */
  labels(onName: (name: string) => void): Record<string, string> {
    const labels: Record<string, string> = {};
    this.blanks();
    while (!this.accept('}')) {
      const quoted = this.quoted();
      const name = quoted ?? this.#name(LABEL, 'a label name');
      this.blanks();
      if (quoted !== undefined && this.#endsItem()) onName(quoted);
      else this.#value(labels, name);
      this.blanks();
      if (this.accept(',')) {
        this.blanks();
        if (this.#strict && this.#line[this.#at] === '}') this.fail('there is a comma too many');
      } else if (this.#line[this.#at] !== '}') this.fail('a comma or } is expected after a label');
    }
    return labels;
  }

  #endsItem(): boolean {
    const next = this.#line[this.#at];
    return next === ',' || next === '}';
  }

  #value(labels: Record<string, string>, name: string): void {
    if (!this.accept('=')) this.fail(`"=" is expected after the label name ${name}`);
    this.blanks();
    const value = this.quoted() ?? this.fail(`the value of the label ${name} is not in quotes`);
    if (name === '' || name === '__name__' || name === '__proto__') this.fail(`"${name}" is no label name`);
    if (Object.hasOwn(labels, name)) this.fail(`the label ${name} is there twice`);
    labels[name] = value;
  }

  number(what: string): number {
    return parseNumber(this.word()) ?? this.fail(`${what} is not a number`);
  }
}
