import { deleteFlapsBefore, type Executor, listFlaps, saveFlaps } from '../../stores/control/index.ts';

interface Flap {
  /** When the alert fired or ended, Unix milliseconds, oldest first. */
  readonly transitions: readonly number[];
  /** Null: it does not flap. */
  readonly since: number | null;
}

/** An alert that has begun to flap. */
export interface Flapping {
  readonly since: number;
  readonly transitions: number;
}

const WINDOW_MS = 30 * 60_000;
const CALM_MS = 15 * 60_000;
/** More within the window is flapping. */
const MOST_TRANSITIONS = 6;
const MOST_REMEMBERED = 50;

/** An alert that fires now, and since when: Unix milliseconds. */
export interface Fired {
  readonly fingerprint: string;
  readonly at: number;
}

/**
 * Which alerts fire and end again and again: those are told of once as flapping, and then held until they were calm.
 * Changed within transactions, and read anew from the store where one failed.
 */
export class FlapBook {
  /** When it was for alerts that fired or ended once: nearly all of them, and stored with their episodes. */
  readonly #once = new Map<string, number>();
  readonly #flaps: Map<string, Flap>;
  readonly #changed = new Set<string>();
  /** Those that were flapping when they were heard of last. */
  readonly #flapping = new Set<string>();
  /** False: nothing ever flaps. */
  readonly #isOn: boolean;

  private constructor(flaps: Map<string, Flap>, isOn: boolean) {
    this.#flaps = flaps;
    this.#isOn = isOn;
    for (const [fingerprint, { since }] of flaps) if (since !== null) this.#flapping.add(fingerprint);
  }

  static empty(): FlapBook {
    return new FlapBook(new Map(), false);
  }

  static async load(db: Executor, isOn: boolean, firing: Iterable<Fired>): Promise<FlapBook> {
    const flaps = new Map<string, Flap>();
    if (!isOn) return new FlapBook(flaps, isOn);
    for (const row of await listFlaps(db)) {
      flaps.set(row.fingerprint, { transitions: JSON.parse(row.transitions) as number[], since: row.flapping_since });
    }
    const book = new FlapBook(flaps, isOn);
    for (const { fingerprint, at } of firing) {
      const known = flaps.get(fingerprint);
      if (!known) book.#once.set(fingerprint, at);
      else if (at > known.transitions.at(-1)!)
        flaps.set(fingerprint, { transitions: [...known.transitions, at], since: known.since });
    }
    return book;
  }

  /** An alert has fired or ended. Gives what there is to tell where it flaps from now on. */
  note(fingerprint: string, at: number): Flapping | undefined {
    if (!this.#isOn) return undefined;
    const before = this.#flaps.get(fingerprint) ?? this.#takeOnce(fingerprint);
    const lastAt = before?.transitions.at(-1) ?? Number.NEGATIVE_INFINITY;
    if (!before || lastAt <= at - WINDOW_MS) {
      this.#flaps.delete(fingerprint);
      this.#flapping.delete(fingerprint);
      this.#once.set(fingerprint, at);
      return undefined;
    }
    const recent = before.transitions.filter((time) => time > at - WINDOW_MS).slice(1 - MOST_REMEMBERED);
    const transitions = [...recent, at];
    const wasFlapping = this.#flapsUntil(before, at) !== undefined;
    const isFlapping = wasFlapping || transitions.length > MOST_TRANSITIONS;
    const since = isFlapping ? (wasFlapping ? before.since : at) : null;
    this.#flaps.set(fingerprint, { transitions, since });
    if (isFlapping) this.#flapping.add(fingerprint);
    else this.#flapping.delete(fingerprint);
    this.#changed.add(fingerprint);
    return isFlapping && !wasFlapping ? { since: at, transitions: transitions.length } : undefined;
  }

  /** Whether the alert with this fingerprint flaps now. */
  isFlapping(fingerprint: string, now: number): boolean {
    return this.#flapping.has(fingerprint) && this.#flapsUntil(this.#flaps.get(fingerprint)!, now) !== undefined;
  }

  /** When the first of them is calm again; `undefined`: none flaps. */
  nextBoundary(now: number): number | undefined {
    let first: number | undefined;
    for (const fingerprint of this.#flapping) {
      const until = this.#flapsUntil(this.#flaps.get(fingerprint)!, now);
      if (until !== undefined && (first === undefined || until < first)) first = until;
    }
    return first;
  }

  /** Writes what has changed. */
  async save(db: Executor, now: number): Promise<void> {
    if (this.#changed.size === 0) return;
    // In one order, so that two transactions cannot wait for each other.
    const rows = [...this.#changed].sort().map((fingerprint) => {
      const { transitions, since } = this.#flaps.get(fingerprint)!;
      return { fingerprint, transitions: JSON.stringify(transitions), flapping_since: since, updated_at: now };
    });
    await saveFlaps(db, rows);
    this.#changed.clear();
  }

  /** Forgets what has been calm for long. */
  async prune(db: Executor, now: number): Promise<void> {
    if (!this.#isOn) return;
    for (const [fingerprint, at] of this.#once) if (at < now - WINDOW_MS) this.#once.delete(fingerprint);
    for (const [fingerprint, { transitions }] of this.#flaps) {
      if (transitions.at(-1)! >= now - WINDOW_MS) continue;
      this.#flaps.delete(fingerprint);
      this.#flapping.delete(fingerprint);
    }
    await deleteFlapsBefore(db, now - WINDOW_MS);
  }

  #takeOnce(fingerprint: string): Flap | undefined {
    const at = this.#once.get(fingerprint);
    return at === undefined || !this.#once.delete(fingerprint) ? undefined : { transitions: [at], since: null };
  }

  /** Until when it flaps unless something happens; `undefined`: it does not. */
  #flapsUntil({ transitions, since }: Flap, now: number): number | undefined {
    const until = transitions.at(-1)! + CALM_MS;
    return since !== null && now < until ? until : undefined;
  }
}
