import type { Group } from './group.ts';

const WINDOW_MS = 60_000;
/** So long messages are gathered before they are told of together. */
const GATHER_MS = 10_000;
export const MOST_MESSAGES = 200;

/**
 * Counts what each receiver is told within a minute: what is more than it can read is told together. In memory: after a
 * restart a receiver hears at most as much again one by one.
 */
export class StormGuard {
  readonly #most: number;
  readonly #times = new Map<string, number[]>();
  readonly #digestAt = new Map<string, number>();

  /** `most`: messages within a minute. */
  constructor(most: number) {
    this.#most = most;
  }

  /** True where the receiver may be told of it alone, which counts then. */
  admits(receiver: string, now: number): boolean {
    if (this.#digestAt.has(receiver)) return false;
    const recent = (this.#times.get(receiver) ?? []).filter((time) => time > now - WINDOW_MS);
    if (recent.length >= this.#most) {
      this.#digestAt.set(receiver, now + GATHER_MS);
      return false;
    }
    recent.push(now);
    this.#times.set(receiver, recent);
    return true;
  }

  /** When what is held for the receiver is told together. */
  digestAt(receiver: string, now: number): number {
    return this.#digestAt.get(receiver) ?? now;
  }

  /** It was told together. */
  told(receiver: string): void {
    this.#digestAt.delete(receiver);
  }
}

/** Who hears of a group: a receiver, or those whom one rule names. */
export function receiverKey({ routeKey, receiver }: Group): string {
  return receiver === 'direct' ? routeKey : receiver;
}

const DIGEST = 'digest:';

/** The thread of a group that was told of together with others: no message of it is its own. */
export function digestThread(thread: string): string {
  return `${DIGEST}${thread}`;
}

/** True where nobody follows the group's thread, since it was told of together with others. */
export function wasInDigest({ threadId }: Pick<Group, 'threadId'>): boolean {
  return threadId?.startsWith(DIGEST) ?? false;
}
