import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../../model/errors.ts';
import { toInsertError, toServiceError, toUserError } from './engine-errors.ts';

const engineError = (code: number, message: string) =>
  Object.assign(new Error(`Code: ${code}. DB::Exception: ${message}`), { clickhouseCode: code });

describe('errors of our own SQL', () => {
  it.each([
    [159, 'Timeout exceeded: elapsed 2 s. (TIMEOUT_EXCEEDED)', 'query_timeout'],
    [394, 'Query was cancelled. (QUERY_WAS_CANCELLED)', 'query_timeout'],
    [241, 'Query memory limit exceeded. (MEMORY_LIMIT_EXCEEDED)', 'invalid'],
    [243, 'Cannot reserve 1 MiB, not enough space. (NOT_ENOUGH_SPACE)', 'disk_full'],
    [75, 'Cannot write to file: errno: 28, strerror: No space left on device', 'disk_full'],
    [252, 'Too many parts. (TOO_MANY_PARTS)', 'overloaded'],
    [60, 'Unknown table otel_secret. (UNKNOWN_TABLE)', 'unavailable'],
  ])('%i becomes %s', (code, message, expected) => {
    const error = toServiceError(engineError(code, message));
    expect(error.code).toBe(expected);
    expect(error.message).not.toContain('otel_secret');
    expect(error.cause).toBeInstanceOf(Error);
  });

  it('pass where they are already in our words', () => {
    const error = new ServiceError('overloaded', 'wait');
    expect(toServiceError(error)).toBe(error);
  });

  it('knows a full disk from the file that is handed over, too', () => {
    expect(toInsertError(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })).code).toBe('disk_full');
  });

  it('lets senders come again when memory is short for an insert', () => {
    const error = toInsertError(engineError(241, 'memory limit exceeded'));
    expect([error.code, error.retryAfterSeconds]).toEqual(['overloaded', 5]);
  });
});

describe("errors of users' SQL", () => {
  const f = (code: number, message: string, expected: string) =>
    it(`${code} ${message.slice(0, 40)}`, () => {
      const error = toUserError(engineError(code, message), 10);
      expect(error.code).toBe('invalid');
      expect(error.issues).toEqual([{ path: 'query', message: expected }]);
    });

  f(
    47,
    'Unknown expression identifier `x` in scope SELECT x. (UNKNOWN_IDENTIFIER)',
    'Unknown expression identifier `x` in scope SELECT x',
  );
  f(
    62,
    'Syntax error: failed at position 18 (FRM): FRM t. Expected one of: token, Comma. (SYNTAX_ERROR)',
    'Syntax error: failed at position 8 (FRM): FRM t.',
  );
  f(46, `Unknown function ${'a'.repeat(500)}. (UNKNOWN_FUNCTION)`, `Unknown function ${'a'.repeat(283)}...`);
  f(
    164,
    'default: Cannot execute query in readonly mode. (READONLY)',
    'SQL may only read here: no tables from outside, no changes, no settings',
  );

  it('of the engine itself are not the user’s', () => {
    expect(toUserError(engineError(236, 'server is shutting down')).code).toBe('unavailable');
    expect(toUserError(new Error('what')).code).toBe('unavailable');
  });
});
