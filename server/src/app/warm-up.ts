import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { setImmediate as otherWork } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createHttpServer, type Principal, type Route } from '../http/index.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';

/** A little more than it takes until V8 has compiled what a question runs through. */
const ROUNDS = 250;
/** What is stopped again at once, and who has come to ask at once, should not pay for it. */
const DELAY_MS = 2000;
/** Share of its time that the event loop worked: beyond it the service has better things to do, and looks again. */
const BUSY = 0.4;
/** There as soon as the service is: the own host's. */
const SELECTOR = 'host_cpu_usage_percent';
const HOUR_SECONDS = 3600;
const STEP_SECONDS = 60;
const SELF: Principal = { name: 'warm-up', scopes: new Set(['read'] as const) };

/** How busy the event loop was since then, or since the process began. */
type Utilization = (since?: EventLoopUtilization) => EventLoopUtilization;

/**
 * Asks the routes of Prometheus' API a few hundred small questions, so that the first person who asks does not wait
 * for the compiler: a cold question takes several times as long as a warm one. They go over loopback, since the code
 * of real requests is what must be warm, to a server of their own, which knows one random token: hence they count in
 * no statistics, and give way to other work between any two.
 */
export class WarmUp {
  readonly #routes: readonly Route[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #delayMs: number;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(routes: readonly Route[], clock: Clock, logger: Logger, delayMs = DELAY_MS) {
    this.#routes = routes.filter(({ path, method }) => path.startsWith('/api/v1/') && method === 'GET');
    this.#clock = clock;
    this.#logger = logger;
    this.#delayMs = delayMs;
  }

  /** When a while has passed in which the service had little to do. */
  start(utilization: Utilization = (since) => performance.eventLoopUtilization(since)): void {
    const before = utilization();
    this.#timer = setTimeout(() => {
      if (utilization(before).utilization > BUSY) return this.start(utilization);
      this.#running = this.#run().catch((error) => this.#logger.warn({ error }, 'the warm-up was given up'));
    }, this.#delayMs).unref();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const token = randomBytes(32).toString('base64url');
    const app = await createHttpServer({
      routes: this.#routes,
      guards: {
        authenticator: { open: false, authenticate: async (given) => (given === token ? SELF : undefined) },
        allowedOrigins: [],
        allowedHosts: undefined,
      },
      logger: this.#logger,
      trustProxy: false,
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    try {
      await app.listen({ host: '127.0.0.1', port: 0 });
      const { port } = app.server.address() as AddressInfo;
      const now = this.#clock.now() / 1000;
      for (let round = 0; round < ROUNDS; round++) {
        for (const path of questions(now, round)) {
          await otherWork();
          if (this.#stopped) return;
          await ask({ agent, host: '127.0.0.1', port, path, headers: { authorization: `Bearer ${token}` } });
        }
      }
    } finally {
      agent.destroy();
      await app.close();
      collectGarbage();
    }
  }
}

async function ask(options: RequestOptions): Promise<void> {
  const [answer] = (await once(get(options), 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
}

/** What start and warm-up leave behind V8 would keep for hours where little happens: twenty megabytes and more. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'major'; flavor: 'last-resort' }) => void;
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', flavor: 'last-resort' });
}

/** `now` in seconds; each round asks something else, of the engine and of the cache of finished steps. */
function questions(now: number, round: number): string[] {
  const query = (text: string, parameters: Readonly<Record<string, string>>) =>
    new URLSearchParams({ query: text, ...parameters }).toString();
  const range = (end: number) => ({
    start: String(end - HOUR_SECONDS),
    end: String(end),
    step: String(STEP_SECONDS),
  });
  const time = now + round / 1000;
  const at = { time: String(time) };
  const wholeStep = (Math.floor(now / STEP_SECONDS) - round) * STEP_SECONDS;
  return [
    `/api/v1/query?${query(SELECTOR, at)}`,
    `/api/v1/query?${query('host_cpu_seconds_total', at)}`,
    `/api/v1/query?${query(`sum by (mode) (rate(host_cpu_seconds_total[5m]))`, at)}`,
    `/api/v1/query_range?${query(SELECTOR, { ...range(time), nocache: '1' })}`,
    `/api/v1/query_range?${query(SELECTOR, range(wholeStep))}`,
    `/api/v1/label/__name__/values?limit=${1000 + round}`,
  ];
}
