import { ServiceError } from '../../model/errors.ts';
import { type Position, positionAt } from './position.ts';

export interface SyntaxErrorOptions {
  /** Where the wrong part starts and ends, as offsets into the text. */
  readonly start: number;
  readonly end?: number;
  /** What could have stood there. */
  readonly expected?: string;
}

/** A query that cannot be understood: where, and what was expected there. */
export class QuerySyntaxError extends ServiceError {
  readonly position: Position;
  readonly start: number;
  readonly end: number;
  readonly expected: string | undefined;

  constructor(query: string, reason: string, options: SyntaxErrorOptions) {
    const position = positionAt(query, options.start);
    const text = options.expected === undefined ? reason : `${reason}, expected ${options.expected}`;
    const message = `${position.line}:${position.column}: parse error: ${text}`;
    super('invalid', message, { issues: [{ path: 'query', message }] });
    this.position = position;
    this.start = options.start;
    this.end = options.end ?? options.start;
    this.expected = options.expected;
  }
}
