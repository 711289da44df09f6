import type { SenderPace } from '../channels/index.ts';
import type { Breakers } from './breakers.ts';

/** Attempts under way to one endpoint: one that hangs leaves room for the others. */
const MOST_AT_ONCE = 16;

/** Where a delivery would go: what fails together, and what it leaves by. */
export interface Route {
  readonly endpoint: string;
  readonly sender: SenderPace | undefined;
}

/**
 * Which endpoints take something now: none that rests after failures, none that has enough under way, and no sender
 * (a phone number) before its pause is over. Of this process alone: several share a sender's pace unevenly.
 */
export class Traffic {
  readonly #breakers: Breakers;
  readonly #underWay = new Map<string, number>();
  readonly #freeAt = new Map<string, number>();

  constructor(breakers: Breakers) {
    this.#breakers = breakers;
  }

  /** Names of what takes nothing now. */
  closed(now: number): string[] {
    const busy = [...this.#underWay].filter(([, count]) => count >= MOST_AT_ONCE).map(([endpoint]) => endpoint);
    for (const [sender, freeAt] of this.#freeAt) if (freeAt <= now) this.#freeAt.delete(sender);
    return [...new Set([...busy, ...this.#breakers.closed(now), ...this.#freeAt.keys()])];
  }

  /** The clock was set by so much, milliseconds: pauses last as long as before. */
  clockSet(jump: number): void {
    for (const [sender, freeAt] of this.#freeAt) this.#freeAt.set(sender, freeAt + jump);
    this.#breakers.clockSet(jump);
  }

  /** When the first sender may send again (Unix milliseconds); `undefined`: none waits. */
  get nextFreeAt(): number | undefined {
    return this.#freeAt.size === 0 ? undefined : Math.min(...this.#freeAt.values());
  }

  /** Decides about several deliveries that are taken at once. What they take counts when it `departs`. */
  admission(now: number): (route: Route) => string | undefined {
    const taken = new Map<string, number>();
    return ({ endpoint, sender }) => {
      const count = (this.#underWay.get(endpoint) ?? 0) + (taken.get(endpoint) ?? 0);
      if (count >= MOST_AT_ONCE) return endpoint;
      if (sender && ((this.#freeAt.get(sender.name) ?? 0) > now || taken.has(sender.name))) return sender.name;
      if (this.#breakers.admit(endpoint, now) !== undefined) return endpoint;
      taken.set(endpoint, (taken.get(endpoint) ?? 0) + 1);
      if (sender) taken.set(sender.name, 1);
      return undefined;
    };
  }

  departs({ endpoint, sender }: Route, now: number): void {
    this.#underWay.set(endpoint, (this.#underWay.get(endpoint) ?? 0) + 1);
    if (sender) this.#freeAt.set(sender.name, now + sender.paceMs);
  }

  arrives({ endpoint }: Route): void {
    const count = (this.#underWay.get(endpoint) ?? 1) - 1;
    if (count <= 0) this.#underWay.delete(endpoint);
    else this.#underWay.set(endpoint, count);
  }
}
