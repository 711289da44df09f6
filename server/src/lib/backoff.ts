export interface BackoffOptions {
  /** Upper bound of the first delay, milliseconds. */
  readonly base: number;
  /** Upper bound of every delay, milliseconds. */
  readonly cap: number;
}

/**
 * Full-jitter exponential backoff: a random delay in milliseconds up to `min(cap, base * 2^attempt)`, attempts counted
 * from 0. https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffDelay(attempt: number, options: BackoffOptions, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(options.cap, options.base * 2 ** Math.min(attempt, 30)));
}
