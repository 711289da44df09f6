import type { DeliveryOutcome } from '../channels/index.ts';

const FAILURES = 5;
const FIRST_PAUSE = 30_000;
const LONGEST_PAUSE = 300_000;
/** A probe that nothing is heard of for so long is forgotten. */
const PROBE = 60_000;
/** While a probe is out, the others wait for so long at a time: its success sets them free soon. */
const PROBE_WAIT = 5000;

/** How an endpoint is seen at a moment. */
export interface BreakerState {
  /** `open`: nothing is sent; `half_open`: the next message is a probe. */
  readonly state: 'closed' | 'open' | 'half_open';
  /** Failures in a row. */
  readonly failures: number;
  /** Unix milliseconds; null where it is closed. */
  readonly retryAt: number | null;
  /** What the last failure was. */
  readonly lastFailure: string | null;
}

interface Breaker {
  failures: number;
  /** 0: closed. */
  pause: number;
  /** No attempt before this. */
  openUntil: number;
  /** Until then a probe is out. */
  probeUntil: number;
  lastFailure: string | null;
}

/**
 * Circuit breakers, one an endpoint: after five failures in a row only a probe goes out from time to time, and what
 * waits for the endpoint does not use up its attempts. In memory: a restart is a fair moment to try again.
 */
export class Breakers {
  readonly #byEndpoint = new Map<string, Breaker>();

  /** When to come back (Unix milliseconds), or `undefined`: go ahead, and report what came of it. */
  admit(endpoint: string, now: number): number | undefined {
    const breaker = this.#byEndpoint.get(endpoint);
    if (!breaker || breaker.pause === 0) return undefined;
    if (now < breaker.openUntil) return breaker.openUntil;
    if (now < breaker.probeUntil) return now + PROBE_WAIT;
    breaker.probeUntil = now + PROBE;
    return undefined;
  }

  /** Endpoints to which nothing goes now. */
  closed(now: number): string[] {
    return [...this.#byEndpoint]
      .filter(([, { pause, openUntil, probeUntil }]) => pause > 0 && (now < openUntil || now < probeUntil))
      .map(([endpoint]) => endpoint);
  }

  report(endpoint: string, outcome: DeliveryOutcome, now: number): void {
    const verdict = verdictOf(outcome);
    if (verdict === 'alive') {
      this.#byEndpoint.delete(endpoint);
      return;
    }
    const breaker = this.#byEndpoint.get(endpoint) ?? {
      failures: 0,
      pause: 0,
      openUntil: 0,
      probeUntil: 0,
      lastFailure: null,
    };
    this.#byEndpoint.set(endpoint, breaker);
    breaker.failures++;
    breaker.lastFailure = outcome.detail ?? null;
    breaker.probeUntil = 0;
    if (verdict === 'down' || breaker.failures >= FAILURES) {
      breaker.pause = breaker.pause === 0 ? FIRST_PAUSE : Math.min(LONGEST_PAUSE, breaker.pause * 2);
      breaker.openUntil = now + breaker.pause;
    }
  }

  /** The clock was set by so much, milliseconds: pauses last as long as before. */
  clockSet(jump: number): void {
    for (const breaker of this.#byEndpoint.values()) {
      breaker.openUntil += jump;
      breaker.probeUntil += jump;
    }
  }

  stateOf(endpoint: string, now: number): BreakerState {
    const breaker = this.#byEndpoint.get(endpoint);
    if (!breaker) return { state: 'closed', failures: 0, retryAt: null, lastFailure: null };
    const { failures, pause, openUntil, lastFailure } = breaker;
    if (pause === 0) return { state: 'closed', failures, retryAt: null, lastFailure };
    return { state: now < openUntil ? 'open' : 'half_open', failures, retryAt: openUntil, lastFailure };
  }

  /** Endpoints that are closed at the moment. */
  get open(): string[] {
    return [...this.#byEndpoint].filter(([, breaker]) => breaker.pause > 0).map(([endpoint]) => endpoint);
  }
}

function verdictOf(outcome: DeliveryOutcome): 'alive' | 'failed' | 'down' {
  if (outcome.outcome === 'retry') {
    if (outcome.endpoint === 'open') return 'down';
    return outcome.endpoint === 'none' ? 'alive' : 'failed';
  }
  if (outcome.outcome === 'failed') {
    return outcome.reason === 'authentication' || outcome.reason === 'endpoint_gone' ? 'failed' : 'alive';
  }
  return 'alive';
}
