import type { Rejection, RejectionReason } from './rejection.ts';

export type Signal = 'spans' | 'logs' | 'samples';

/** Counters since the start, for one way in and one signal. Items are spans, log records, or samples. */
export interface IntakeStats {
  /** Who brought the items: `otlp`, `json`, ... */
  readonly source: string;
  readonly signal: Signal;
  /** Stored. */
  readonly accepted: number;
  /** Refused for what they are, by reason. OTLP data points that gave no sample count as one each. */
  readonly rejected: Readonly<Partial<Record<RejectionReason, number>>>;
  /** Good, but not stored: the store failed or was too slow. The sender was told to try again. */
  readonly failed: number;
  /** Texts that were cut and attributes, events or links that were left out. */
  readonly truncated: number;
}

export class IntakeCounter {
  readonly #source: string;
  readonly #signal: Signal;
  readonly #rejected = new Map<RejectionReason, number>();
  #accepted = 0;
  #failed = 0;
  #truncated = 0;

  constructor(source: string, signal: Signal) {
    this.#source = source;
    this.#signal = signal;
  }

  accepted(count: number): void {
    this.#accepted += count;
  }

  rejected(rejections: readonly Rejection[]): void {
    for (const { reason, count } of rejections) this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + count);
  }

  failed(count: number): void {
    this.#failed += count;
  }

  truncated(): void {
    this.#truncated++;
  }

  snapshot(): IntakeStats {
    return {
      source: this.#source,
      signal: this.#signal,
      accepted: this.#accepted,
      rejected: Object.fromEntries(this.#rejected),
      failed: this.#failed,
      truncated: this.#truncated,
    };
  }
}
