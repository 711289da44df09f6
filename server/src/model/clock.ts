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

/** `setTimeout` takes a longer delay for one of a millisecond. */
const LONGEST_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, callback) {
    let handle: NodeJS.Timeout;
    const wait = (left: number): void => {
      handle = left > LONGEST_MS ? setTimeout(wait, LONGEST_MS, left - LONGEST_MS) : setTimeout(callback, left);
    };
    wait(delayMs);
    return { cancel: () => clearTimeout(handle) };
  },
};
