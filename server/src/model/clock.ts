/** The only source of time for everything that decides by it, so that tests can run it at will. */
export interface Clock {
  /** Wall clock, Unix milliseconds. */
  now(): number;
  /** Runs `callback` once after `delayMs` unless cancelled. A rejected or thrown callback is the caller's to handle. */
  setTimer(delayMs: number, callback: () => void): Timer;
}

export interface Timer {
  cancel(): void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, callback) {
    const handle = setTimeout(callback, delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
