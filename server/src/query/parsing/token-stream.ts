import { QuerySyntaxError } from './syntax-error.ts';

/** A piece of a query; `start` and `end` are offsets into its text. */
export interface Token<Kind extends string> {
  readonly kind: Kind;
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Tokens with a reading position. The last token has the kind `end`. */
export class TokenStream<Kind extends string> {
  readonly query: string;
  readonly #tokens: readonly Token<Kind | 'end'>[];
  #position = 0;

  constructor(query: string, tokens: readonly Token<Kind | 'end'>[]) {
    this.query = query;
    this.#tokens = tokens;
  }

  peek(ahead = 0): Token<Kind | 'end'> {
    return this.#tokens[Math.min(this.#position + ahead, this.#tokens.length - 1)]!;
  }

  next(): Token<Kind | 'end'> {
    const token = this.peek();
    if (token.kind !== 'end') this.#position++;
    return token;
  }

  /** End of the token read last. */
  get lastEnd(): number {
    return this.#position === 0 ? 0 : this.#tokens[this.#position - 1]!.end;
  }

  at(kind: Kind | 'end'): boolean {
    return this.peek().kind === kind;
  }

  accept(kind: Kind | 'end'): Token<Kind | 'end'> | undefined {
    return this.at(kind) ? this.next() : undefined;
  }

  expect(kind: Kind | 'end', context: string, expected: string): Token<Kind | 'end'> {
    if (!this.at(kind)) throw this.unexpected(context, expected);
    return this.next();
  }

  unexpected(context: string, expected: string): QuerySyntaxError {
    const token = this.peek();
    const what = token.kind === 'end' ? 'end of input' : JSON.stringify(token.text);
    return this.error(`unexpected ${what} in ${context}`, token, expected);
  }

  error(reason: string, at: { start: number; end: number }, expected?: string): QuerySyntaxError {
    return new QuerySyntaxError(this.query, reason, { ...at, ...(expected === undefined ? {} : { expected }) });
  }
}
