import type { Clock } from '../../model/clock.ts';
import { ServiceError } from '../../model/errors.ts';

/** Waits so long for a store that is slower, or a rate that is lower, than the stream. */
const PATIENCE_MS = 60_000;
const LEAST_WAIT_MS = 100;

/**
 * Tries again for a while where the answer would be "send again later": a stream is not read meanwhile, so that its
 * sender slows down instead of beginning anew. Throws what the last try threw.
 */
export async function patientWrite<Answer>(
  clock: Clock,
  signal: AbortSignal,
  write: () => Promise<Answer>,
): Promise<Answer> {
  const until = clock.now() + PATIENCE_MS;
  for (let wait = LEAST_WAIT_MS; ; wait *= 2) {
    try {
      return await write();
    } catch (error) {
      const isLater = error instanceof ServiceError && ['overloaded', 'rate_limited'].includes(error.code);
      const wanted = isLater ? Math.max(wait, (error.retryAfterSeconds ?? 0) * 1000) : 0;
      if (!isLater || signal.aborted || clock.now() + wanted > until) throw error;
      await pause(clock, signal, wanted);
    }
  }
}

/** Ends at once where the client leaves. */
async function pause(clock: Clock, signal: AbortSignal, milliseconds: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimer(milliseconds, resolve);
  signal.addEventListener('abort', () => resolve(), { once: true });
  await promise;
  timer.cancel();
}
