import { invalid } from '../../model/errors.ts';
import type { LogFilter } from '../../model/log-filter.ts';
import { searchError, type Token, tokenize } from './lexer.ts';

const MAX_LENGTH = 4096;
const MAX_CONDITIONS = 100;
const MAX_DEPTH = 32;
const TERM = 'a word, "phrase", field:value, /regex/ or (';

/**
 * Parses a log search: words (all must be there), `"phrases"`, `-not`, `OR`, parentheses, `field:value`, `field:>n`,
 * `/regex/` (RE2), `*` wildcards; a backslash takes the next character as it is. `OR` binds weaker than side by side,
 * `-` strongest; `AND` and `NOT` may be written out.
 *
 * Throws `ServiceError('invalid')` for the path `q`, with the position (from 1) and what was expected there. At most
 * 4096 characters, 100 conditions, 32 parentheses deep.
 */
export function parseSearch(search: string): LogFilter {
  if (search.length > MAX_LENGTH) {
    throw invalid({ path: 'q', message: `at most ${MAX_LENGTH} characters, not ${search.length}` });
  }
  return new Parser(tokenize(search)).parse();
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #conditions = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  parse(): LogFilter {
    const filter = this.#alternatives(0);
    const rest = this.#peek();
    if (rest.kind !== 'end') throw searchError(rest.position, `expected nothing more, found ${describe(rest)}`);
    return filter;
  }

  #peek(): Token {
    return this.#tokens[this.#at]!;
  }

  #alternatives(depth: number): LogFilter {
    const operands = [this.#sequence(depth)];
    while (this.#peek().kind === 'or') {
      this.#at += 1;
      operands.push(this.#sequence(depth));
    }
    return combine('or', operands);
  }

  #sequence(depth: number): LogFilter {
    const operands = [this.#term(depth)];
    while (true) {
      const { kind } = this.#peek();
      if (kind === 'and') this.#at += 1;
      else if (kind === 'or' || kind === ')' || kind === 'end') return combine('and', operands);
      operands.push(this.#term(depth));
    }
  }

  #term(depth: number): LogFilter {
    const token = this.#peek();
    if (depth > MAX_DEPTH) throw searchError(token.position, `expected at most ${MAX_DEPTH} levels of ( and -`);
    this.#at += 1;
    switch (token.kind) {
      case 'condition':
        this.#conditions += 1;
        if (this.#conditions <= MAX_CONDITIONS) return token.condition;
        throw searchError(token.position, `expected at most ${MAX_CONDITIONS} conditions`);
      case 'not':
        return { kind: 'not', operand: this.#term(depth + 1) };
      case '(':
        return this.#group(token.position, depth);
      default:
        throw searchError(token.position, `expected ${TERM}, found ${describe(token)}`);
    }
  }

  #group(opened: number, depth: number): LogFilter {
    const filter = this.#alternatives(depth + 1);
    const { kind, position } = this.#peek();
    if (kind !== ')') throw searchError(position, `expected ) for the ( at position ${opened}`);
    this.#at += 1;
    return filter;
  }
}

/** Operands of the same kind side by side are one list; a single operand is itself. */
function combine(kind: 'and' | 'or', operands: readonly LogFilter[]): LogFilter {
  const [first] = operands;
  if (operands.length === 1) return first!;
  return { kind, operands: operands.flatMap((operand) => (operand.kind === kind ? operand.operands : [operand])) };
}

function describe(token: Token): string {
  if (token.kind === 'end') return 'the end';
  return token.kind === '(' || token.kind === ')' ? token.kind : token.kind.toUpperCase();
}
