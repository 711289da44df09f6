import { createHash, randomBytes } from 'node:crypto';
import type { Principal } from '../http/index.ts';
import type { Clock } from '../model/clock.ts';
import { ServiceError } from '../model/errors.ts';

const LIFETIME_MS = 30_000;
const MOST = 10_000;

interface Ticket {
  readonly principal: Principal;
  readonly expiresAt: number;
}

/**
 * One-time tickets for WebSockets of one user's inbox: a page that may not hold an API key opens its socket with one.
 * In memory and short-lived; only their hashes are kept.
 */
export class SocketTickets {
  readonly #clock: Clock;
  /** By hash, oldest first: all live equally long. */
  readonly #tickets = new Map<string, Ticket>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Throws `rate_limited` where very many wait to be used. `expiresAt` is Unix milliseconds. */
  issue(userId: string): { readonly ticket: string; readonly expiresAt: number } {
    const now = this.#clock.now();
    for (const [key, { expiresAt }] of this.#tickets) {
      if (expiresAt > now) break;
      this.#tickets.delete(key);
    }
    if (this.#tickets.size >= MOST) {
      throw new ServiceError('rate_limited', 'too many tickets wait to be used', { retryAfterSeconds: 30 });
    }
    const ticket = `sst_${randomBytes(32).toString('base64url')}`;
    const expiresAt = now + LIFETIME_MS;
    this.#tickets.set(hash(ticket), { principal: { name: userId, scopes: new Set(['read']), userId }, expiresAt });
    return { ticket, expiresAt };
  }

  /** Whose ticket it is; it cannot be used again. */
  redeem(ticket: string): Principal | undefined {
    const key = hash(ticket);
    const found = this.#tickets.get(key);
    this.#tickets.delete(key);
    return found && found.expiresAt > this.#clock.now() ? found.principal : undefined;
  }
}

function hash(ticket: string): string {
  return createHash('sha256').update(ticket).digest('hex');
}
