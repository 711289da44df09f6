/** A lock that serves its waiters in the order in which they came. */
export class FairMutex {
  readonly #waiting: { grant: () => void }[] = [];
  #held = false;

  /** Resolves when the lock is held; rejects when that takes longer than `timeoutMs`. */
  acquire(timeoutMs: number, timeoutMessage: string): Promise<void> {
    if (!this.#held) {
      this.#held = true;
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const waiter = {
        grant: () => {
          clearTimeout(timer);
          resolve();
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
        reject(new Error(timeoutMessage));
      }, timeoutMs);
      timer.unref();
      this.#waiting.push(waiter);
    });
  }

  /** Hands the lock to the first in the queue. */
  release(): void {
    const next = this.#waiting.shift();
    if (next) next.grant();
    else this.#held = false;
  }
}
