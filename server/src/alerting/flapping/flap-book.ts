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
/** An alert that has fired once is stored as its episode already. */
const STORED_FROM = 2;

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
    for (const { fingerprint, at } of firing) {
      const { transitions, since } = flaps.get(fingerprint) ?? { transitions: [], since: null };
      if (at > (transitions.at(-1) ?? 0)) flaps.set(fingerprint, { transitions: [...transitions, at], since });
    }
    return new FlapBook(flaps, isOn);
  }

  /** An alert has fired or ended. Gives what there is to tell where it flaps from now on. */
  note(fingerprint: string, at: number): Flapping | undefined {
    if (!this.#isOn) return undefined;
    const before = this.#flaps.get(fingerprint);
    const recent = (before?.transitions ?? []).filter((time) => time > at - WINDOW_MS).slice(1 - MOST_REMEMBERED);
    const transitions = [...recent, at];
    const wasFlapping = before !== undefined && this.#flapsUntil(before, at) !== undefined;
    const isFlapping = wasFlapping || transitions.length > MOST_TRANSITIONS;
    const since = isFlapping ? (wasFlapping ? before.since : at) : null;
    this.#flaps.set(fingerprint, { transitions, since });
    if (isFlapping) this.#flapping.add(fingerprint);
    else this.#flapping.delete(fingerprint);
    if (transitions.length >= STORED_FROM) this.#changed.add(fingerprint);
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
    for (const [fingerprint, { transitions }] of this.#flaps) {
      if (transitions.at(-1)! >= now - WINDOW_MS) continue;
      this.#flaps.delete(fingerprint);
      this.#flapping.delete(fingerprint);
    }
    await deleteFlapsBefore(db, now - WINDOW_MS);
  }

  /** Until when it flaps unless something happens; `undefined`: it does not. */
  #flapsUntil({ transitions, since }: Flap, now: number): number | undefined {
    const until = transitions.at(-1)! + CALM_MS;
    return since !== null && now < until ? until : undefined;
  }
}
