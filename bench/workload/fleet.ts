import { Random } from './random.ts';

/** Upper bounds of the classic histogram's buckets, seconds. */
const BOUNDS = ['0.005', '0.01', '0.025', '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '+Inf'];
const JOBS = ['api', 'worker', 'auth', 'gateway', 'billing'];
const INSTANCES = 100;
/** Instances that also serve requests: an error counter and a histogram, 15 series. */
const SERVING = 40;
/** What counters stand at when the day begins: how far back a rate guesses near 0 differs between Prometheus 2 and 3. */
const EARLIER = 1_000_000;
const ROUNDS_OF_A_DAY = 5760;
export const SCRAPE_INTERVAL_MS = 15_000;

export interface FleetSeries {
  readonly labels: Readonly<Record<string, string>>;
  readonly instance: number;
  /** Milliseconds after the round's beginning, the same in every round; never 0, so that whole times hit no sample. */
  readonly offsetMs: number;
  /** The value in the round that the fleet has advanced to. */
  next(): number;
}

/**
 * A hundred instances of five jobs with 2000 series: per instance `up`, an info metric, six gauges and six counters;
 * 40 instances with errors and a latency histogram besides. Load goes up and down with the hours, three instances of
 * ten restart once a day.
 */
export class Fleet {
  readonly series: FleetSeries[] = [];
  readonly #instances: Instance[] = [];

  constructor(seed = 1) {
    const random = new Random(seed);
    for (let number = 0; number < INSTANCES; number++) {
      const instance = new Instance(number, random);
      this.#instances.push(instance);
      this.series.push(...instance.series());
    }
  }

  advance(round: number): void {
    for (const instance of this.#instances) instance.advance(round);
  }
}

class Instance {
  readonly #random: Random;
  readonly #number: number;
  readonly #usualLoad: number;
  readonly #phase: number;
  readonly #restartRound: number;
  readonly #buckets = new Float64Array(BOUNDS.length);
  #latencySum = EARLIER;
  #load = 1;
  #restarts = false;

  constructor(number: number, random: Random) {
    this.#number = number;
    this.#random = random;
    this.#usualLoad = random.between(0.5, 3.5);
    this.#phase = random.between(0, 2 * Math.PI);
    for (const bucket of BOUNDS.keys()) this.#buckets[bucket] = EARLIER * (bucket + 1);
    this.#restartRound = random.next() < 0.3 ? random.below(ROUNDS_OF_A_DAY) : -1;
  }

  get #serves(): boolean {
    return this.#number < SERVING;
  }

  advance(round: number): void {
    const daily = Math.sin((2 * Math.PI * round) / ROUNDS_OF_A_DAY + this.#phase);
    this.#load = this.#usualLoad * (1 + 0.6 * daily) + this.#random.between(0, 0.3);
    this.#restarts = round === this.#restartRound;
    if (this.#serves) this.#serve();
  }

  /** Some ten requests with durations about log-normal. */
  #serve(): void {
    const random = this.#random;
    if (this.#restarts) {
      this.#buckets.fill(0);
      this.#latencySum = 0;
    }
    const requests = Math.floor(this.#load * random.between(10, 14));
    for (let request = 0; request < requests; request++) {
      const spread = random.next() + random.next() + random.next() - 1.5;
      const seconds = Math.exp(Math.log(1 + this.#load) - 3 + 2 * spread);
      this.#latencySum += seconds;
      const least = BOUNDS.findIndex((bound) => bound === '+Inf' || seconds <= Number(bound));
      for (let bucket = least; bucket < BOUNDS.length; bucket++) this.#buckets[bucket]! += 1;
    }
  }

  *series(): Generator<FleetSeries> {
    const number = this.#number;
    const common = {
      job: JOBS[number % JOBS.length]!,
      instance: `host-${String(number).padStart(3, '0')}:9100`,
      zone: `zone-${number % 3}`,
      env: 'prod',
    };
    const offsetMs = 1 + ((number * 7919) % (SCRAPE_INTERVAL_MS - 1));
    const one = (name: string, next: () => number, more: Record<string, string> = {}): FleetSeries => ({
      labels: { __name__: name, ...common, ...more },
      instance: number,
      offsetMs,
      next,
    });
    yield one('up', () => 1);
    yield one('instance_info', () => 1, { version: `1.${number % 7}.0` });
    yield* this.#gauges(one);
    yield* this.#counters(one);
    if (!this.#serves) return;
    const errors = () => (this.#random.next() < 0.1 ? 1 + this.#random.below(3) : 0);
    yield one('http_requests_total', this.#counter(errors), { code: '500' });
    for (const [bucket, le] of BOUNDS.entries()) {
      yield one('request_duration_seconds_bucket', () => this.#buckets[bucket]!, { le });
    }
    yield one('request_duration_seconds_sum', () => this.#latencySum);
    yield one('request_duration_seconds_count', () => this.#buckets.at(-1)!);
  }

  *#gauges(one: (name: string, next: () => number) => FleetSeries): Generator<FleetSeries> {
    const random = this.#random;
    const pages = (start: number, step: () => number) => {
      let value = start + random.below(1_000_000) * 4096;
      return () => {
        value = Math.max(4096, value + step() * 4096);
        return value;
      };
    };
    yield one(
      'node_memory_used_bytes',
      pages(2e9, () => (random.next() < 0.5 ? random.below(2000) - 1000 : 0)),
    );
    yield one(
      'disk_free_bytes',
      pages(5e11, () => (random.next() < 0.3 ? -random.below(50) : 0)),
    );
    let average = 1;
    yield one('node_load1', () => {
      average = decimals(0.8 * average + 0.2 * this.#load, 2);
      return average;
    });
    yield one('temperature_celsius', () => decimals(45 + 6 * this.#load + random.between(-0.5, 0.5), 1));
    yield one('queue_depth', () => Math.floor(4 * this.#load * random.next()));
    let connections = 200;
    yield one('connections_open', () => {
      connections = Math.max(0, connections + random.below(11) - 5);
      return connections;
    });
  }

  *#counters(
    one: (name: string, next: () => number, more?: Record<string, string>) => FleetSeries,
  ): Generator<FleetSeries> {
    const random = this.#random;
    const about = (amount: number, least: number, most: number) => () =>
      Math.floor(this.#load * amount * random.between(least, most));
    yield one('http_requests_total', this.#counter(about(150, 0.8, 1.2)), { code: '200' });
    yield one('network_receive_bytes_total', this.#counter(about(2e6, 0.5, 1.5)));
    yield one('network_transmit_bytes_total', this.#counter(about(9e6, 0.5, 1.5)));
    yield one(
      'disk_reads_total',
      this.#counter(() => (random.next() < 0.4 ? random.below(40) : 0)),
    );
    yield one(
      'jobs_done_total',
      this.#counter(() => (random.next() < 0.2 ? 1 : 0)),
    );
    const hundredths = this.#counter(about(300, 0.9, 1.1));
    yield one('cpu_seconds_total', () => hundredths() / 100);
  }

  /** Has counted for long already, and begins again where the instance restarts. */
  #counter(increase: () => number): () => number {
    let value = EARLIER;
    return () => {
      value = (this.#restarts ? 0 : value) + increase();
      return value;
    };
  }
}

function decimals(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}
