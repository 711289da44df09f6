import { RateWindow } from './rate-window.ts';
import type { DropReason, Rejection, RejectionReason } from './rejection.ts';
import type { RequestRefusal } from './request-refusal.ts';

export type Signal = 'spans' | 'logs' | 'samples';

/** A refused item, to show people what goes wrong. Holds names only, never values that could be secrets. */
interface RefusedItem {
  /** Unix milliseconds. */
  readonly at: number;
  readonly reason: RejectionReason;
  /** The metric, or the service; empty where the receiver refused it before it had either. */
  readonly subject: string;
  readonly detail: string;
}

/** The newest of its reason and subject. */
export interface RefusedExample extends RefusedItem {
  /** How often it was seen since it is shown. */
  readonly count: number;
}

/** Counters since the start, for one way in and one signal. Items are spans, log records, or samples. */
export interface IntakeStats {
  /** Who brought the items: `otlp`, `json`, ... */
  readonly source: string;
  readonly signal: Signal;
  /** Stored. */
  readonly accepted: number;
  /** Refused for what they are, by reason. OTLP data points that gave no sample count as one each. */
  readonly rejected: Readonly<Partial<Record<RejectionReason, number>>>;
  /** Left out because the configuration says so; their senders hear nothing of it. */
  readonly dropped: Readonly<Partial<Record<DropReason, number>>>;
  /** Requests that were refused whole, before they had items. */
  readonly refusedRequests: Readonly<Partial<Record<RequestRefusal, number>>>;
  /** Good, but not stored: the store failed or was too slow. The sender was told to try again. */
  readonly failed: number;
  /** Not stored because of a rate limit. The sender was told to try again. */
  readonly rateLimited: number;
  /** Texts that were cut and attributes, events or links that were left out. */
  readonly truncated: number;
  /** Values that were deleted, masked or hashed. */
  readonly redacted: number;
  /** Unix milliseconds; `undefined` where nothing has come yet. */
  readonly lastReceivedAt: number | undefined;
  /** Items a second over the last minute. Refused is whatever its sender was told is not stored. */
  readonly perSecond: { readonly accepted: number; readonly refused: number };
  /** The newest first. */
  readonly examples: readonly RefusedExample[];
}

const MOST_EXAMPLES = 20;

export class IntakeCounter {
  readonly source: string;
  readonly signal: Signal;
  readonly #rejected = new Map<RejectionReason, number>();
  readonly #dropped = new Map<DropReason, number>();
  readonly #refusedRequests = new Map<RequestRefusal, number>();
  readonly #acceptedRate = new RateWindow();
  readonly #refusedRate = new RateWindow();
  readonly #examples: RefusedExample[] = [];
  #accepted = 0;
  #failed = 0;
  #rateLimited = 0;
  #truncated = 0;
  #redacted = 0;
  #lastReceivedAt: number | undefined;

  constructor(source: string, signal: Signal) {
    this.source = source;
    this.signal = signal;
  }

  received(now: number): void {
    this.#lastReceivedAt = now;
  }

  accepted(count: number, now: number): void {
    this.#accepted += count;
    this.#acceptedRate.add(count, now);
  }

  rejected(rejections: readonly Rejection[], now: number): void {
    for (const { reason, count } of rejections) {
      add(this.#rejected, reason, count);
      this.#refusedRate.add(count, now);
    }
  }

  dropped(reason: DropReason, count: number): void {
    add(this.#dropped, reason, count);
  }

  refusedRequest(refusal: RequestRefusal): void {
    add(this.#refusedRequests, refusal, 1);
  }

  failed(count: number, now: number): void {
    this.#failed += count;
    this.#refusedRate.add(count, now);
  }

  rateLimited(count: number, now: number): void {
    this.#rateLimited += count;
    this.#refusedRate.add(count, now);
  }

  truncated(): void {
    this.#truncated++;
  }

  redacted(): void {
    this.#redacted++;
  }

  example(item: RefusedItem): void {
    const examples = this.#examples;
    const place = examples.findIndex(({ reason, subject }) => reason === item.reason && subject === item.subject);
    const [before] = place < 0 ? [] : examples.splice(place, 1);
    examples.unshift({ ...item, count: (before?.count ?? 0) + 1 });
    if (examples.length > MOST_EXAMPLES) examples.pop();
  }

  snapshot(now: number): IntakeStats {
    return {
      source: this.source,
      signal: this.signal,
      accepted: this.#accepted,
      rejected: Object.fromEntries(this.#rejected),
      dropped: Object.fromEntries(this.#dropped),
      refusedRequests: Object.fromEntries(this.#refusedRequests),
      failed: this.#failed,
      rateLimited: this.#rateLimited,
      truncated: this.#truncated,
      redacted: this.#redacted,
      lastReceivedAt: this.#lastReceivedAt,
      perSecond: { accepted: this.#acceptedRate.perSecond(now), refused: this.#refusedRate.perSecond(now) },
      examples: [...this.#examples],
    };
  }
}

function add<Key>(counts: Map<Key, number>, key: Key, count: number): void {
  counts.set(key, (counts.get(key) ?? 0) + count);
}
