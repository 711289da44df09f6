import type { Labels } from '../../model/labels.ts';
import { deleteFlapsBefore, type Executor, listFlaps, saveFlaps } from '../../stores/control/index.ts';
import { fingerprintOfLabels } from '../routing/fingerprint.ts';

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

/**
 * Which alerts fire and end again and again: those are told of once as flapping, and then held until they were calm.
 * Changed within transactions, and read anew from the store where one failed.
 */
export class FlapBook {
  readonly #flaps: Map<string, Flap>;
  readonly #changed = new Set<string>();
  /** False: nothing ever flaps. */
  readonly #isOn: boolean;

  private constructor(flaps: Map<string, Flap>, isOn: boolean) {
    this.#flaps = flaps;
    this.#isOn = isOn;
  }

  static empty(): FlapBook {
    return new FlapBook(new Map(), false);
  }

  static async load(db: Executor, isOn: boolean): Promise<FlapBook> {
    const flaps = new Map<string, Flap>();
    for (const row of isOn ? await listFlaps(db) : []) {
      flaps.set(row.fingerprint, { transitions: JSON.parse(row.transitions) as number[], since: row.flapping_since });
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
    this.#changed.add(fingerprint);
    return isFlapping && !wasFlapping ? { since: at, transitions: transitions.length } : undefined;
  }

  /** The fingerprint of an alert with these labels, where it flaps now. */
  find(labels: Labels, now: number): string | undefined {
    if (this.#flaps.size === 0) return undefined;
    const fingerprint = fingerprintOfLabels(labels);
    const flap = this.#flaps.get(fingerprint);
    return flap && this.#flapsUntil(flap, now) !== undefined ? fingerprint : undefined;
  }

  /** When the first of them is calm again; `undefined`: none flaps. */
  nextBoundary(now: number): number | undefined {
    let first: number | undefined;
    for (const flap of this.#flaps.values()) {
      const until = this.#flapsUntil(flap, now);
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
      if (transitions.at(-1)! < now - WINDOW_MS) this.#flaps.delete(fingerprint);
    }
    await deleteFlapsBefore(db, now - WINDOW_MS);
  }

  /** Until when it flaps unless something happens; `undefined`: it does not. */
  #flapsUntil({ transitions, since }: Flap, now: number): number | undefined {
    const until = transitions.at(-1)! + CALM_MS;
    return since !== null && now < until ? until : undefined;
  }
}
