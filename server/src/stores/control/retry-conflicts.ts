import { setTimeout as pause } from 'node:timers/promises';
import { backoffDelay } from '../../lib/backoff.ts';

/** PostgreSQL: serialization_failure, deadlock_detected. The database has rolled back, and asks to try again. */
const CONFLICTS = new Set(['40001', '40P01']);
const ATTEMPTS = 8;

/**
 * Repeats a transaction that the database gave up in favour of another one. SQLite has a single writer and never does.
 */
export async function retryConflicts<T>(transaction: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await transaction();
    } catch (error) {
      const { code } = error as { code?: unknown };
      if (attempt === ATTEMPTS || typeof code !== 'string' || !CONFLICTS.has(code)) throw error;
      // Apart from each other, so that the same two do not meet again.
      await pause(backoffDelay(attempt, { base: 10, cap: 500 }));
    }
  }
}
