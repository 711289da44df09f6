import { ServiceError } from '../../../model/errors.ts';

export interface RequestPoolOptions {
  readonly name: string;
  /** So many requests run at a time. */
  readonly size: number;
  /** Requests that may wait; further ones are refused as `overloaded`. */
  readonly maxWaiting: number;
}

interface Waiting {
  readonly start: () => Promise<void>;
  readonly reject: (error: unknown) => void;
}

/** Bounds the requests of one kind to a server; they wait in the order in which they came. */
export class RequestPool {
  readonly #options: RequestPoolOptions;
  readonly #ended = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #waiting: Waiting[] = [];

  constructor(options: RequestPoolOptions) {
    this.#options = options;
  }

  /**
   * Rejects at once when `signal` aborts. `request` is told by the signal that it gets, and keeps its place until it has
   * settled, so that what the server still works on counts.
   */
  run<Answer>(request: (signal: AbortSignal) => Promise<Answer>, signal?: AbortSignal): Promise<Answer> {
    if (this.#ended.signal.aborted) return Promise.reject(this.#ended.signal.reason);
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.#waiting.length >= this.#options.maxWaiting) {
      const message = `too many queries wait for the telemetry store (${this.#options.name})`;
      return Promise.reject(new ServiceError('overloaded', message, { retryAfterSeconds: 2 }));
    }
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const either = signal ? AbortSignal.any([signal, this.#ended.signal]) : this.#ended.signal;
    const waiting = { start: () => request(either).then(resolve, reject), reject };
    this.#waiting.push(waiting);
    const abort = () => {
      reject(either.reason);
      this.#waiting = this.#waiting.filter((other) => other !== waiting);
    };
    either.addEventListener('abort', abort, { once: true });
    const forget = () => either.removeEventListener('abort', abort);
    promise.then(forget, forget);
    this.#next();
    return promise;
  }

  #next(): void {
    while (this.#waiting.length > 0 && this.#running.size < this.#options.size) {
      const run = this.#waiting
        .shift()!
        .start()
        .finally(() => {
          this.#running.delete(run);
          this.#next();
        });
      this.#running.add(run);
    }
  }

  /** Refuses what waits, ends what runs, resolves when the last of it has settled. */
  async close(): Promise<void> {
    this.#ended.abort(new ServiceError('unavailable', 'the telemetry store is closing'));
    await Promise.all(this.#running);
  }

  get stats(): { readonly running: number; readonly waiting: number } {
    return { running: this.#running.size, waiting: this.#waiting.length };
  }
}
