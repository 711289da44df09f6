import { ServiceError } from '../model/errors.ts';
import { TokenBucket } from './token-bucket.ts';

/** Most that may come in a second, on average; `undefined`: any. */
export interface RateLimit {
  readonly itemsPerSecond?: number | undefined;
  /** Of decompressed bodies. */
  readonly bytesPerSecond?: number | undefined;
}

export interface RateLimitOptions {
  /** For each source and for each API key that has no limit of its own. */
  readonly standard: RateLimit;
  /** By source: `otlp`, `json`, ... */
  readonly sources: Readonly<Record<string, RateLimit>>;
  /** By the name of the API key, whatever the source. */
  readonly keys: Readonly<Record<string, RateLimit>>;
}

/** Who sent a batch, and how large it came. */
export interface Sender {
  /** Name of the API key. */
  readonly key: string;
  /** Of the decompressed body. */
  readonly bytes: number;
}

interface Charge {
  readonly bucket: TokenBucket;
  readonly cost: number;
  /** For people: `100 items a second from otlp`. */
  readonly limit: string;
}

/** Buckets of keys that nobody uses any more go when there are more than this. */
const MOST_KEYS = 10_000;

/** Token buckets by source and by API key. */
export class RateLimits {
  readonly #options: RateLimitOptions;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: RateLimitOptions) {
    this.#options = options;
  }

  /** True: there is nothing to hold. */
  get isEmpty(): boolean {
    const { standard, sources, keys } = this.#options;
    return [standard, ...Object.values(sources), ...Object.values(keys)].every(
      ({ itemsPerSecond, bytesPerSecond }) => itemsPerSecond === undefined && bytesPerSecond === undefined,
    );
  }

  /** What the configuration says. */
  get configured(): RateLimitOptions {
    return this.#options;
  }

  /** The limits of a source. */
  of(source: string): RateLimit {
    return limitOf(source, this.#options.sources, this.#options.standard);
  }

  /**
   * Takes a batch from all its buckets, or from none: then it throws `rate_limited` with the time after which they
   * have something again. Answers what gives it back, for a batch that could not be stored after all.
   */
  take(source: string, { key, bytes }: Sender, items: number, now: number): () => void {
    const { keys, standard } = this.#options;
    const charges = [
      ...this.#charges(`source ${source}`, source, this.of(source), items, bytes),
      ...this.#charges(`key ${key}`, `the key ${key}`, limitOf(key, keys, standard), items, bytes),
    ];
    const waits = charges.map(({ bucket }) => bucket.secondsUntilReady(now));
    const longest = Math.max(0, ...waits);
    if (longest > 0) throw tooFast(charges[waits.indexOf(longest)]!, longest);
    for (const { bucket, cost } of charges) bucket.take(cost);
    return () => {
      for (const { bucket, cost } of charges) bucket.take(-cost);
    };
  }

  #charges(id: string, from: string, limit: RateLimit, items: number, bytes: number): Charge[] {
    const charge = (unit: string, rate: number | undefined, cost: number): Charge[] =>
      rate === undefined
        ? []
        : [{ bucket: this.#bucket(`${unit} ${id}`, rate), cost, limit: `${rate} ${unit} a second from ${from}` }];
    return [...charge('items', limit.itemsPerSecond, items), ...charge('bytes', limit.bytesPerSecond, bytes)];
  }

  #bucket(id: string, rate: number): TokenBucket {
    let bucket = this.#buckets.get(id);
    if (!bucket) {
      if (this.#buckets.size >= MOST_KEYS) this.#buckets.delete(this.#buckets.keys().next().value!);
      bucket = new TokenBucket(rate);
      this.#buckets.set(id, bucket);
    }
    return bucket;
  }
}

function limitOf(name: string, own: Readonly<Record<string, RateLimit>>, standard: RateLimit): RateLimit {
  return Object.hasOwn(own, name) ? { ...standard, ...own[name] } : standard;
}

function tooFast({ limit }: Charge, seconds: number): ServiceError {
  return new ServiceError('rate_limited', `more than ${limit}; send again after ${Math.ceil(seconds)} s`, {
    retryAfterSeconds: seconds,
  });
}
