import { setImmediate as otherWork } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createHttpServer, type Route } from '../http/index.ts';
import type { Clock } from '../model/clock.ts';
import type { Logger } from '../model/logger.ts';

/** A little more than it takes until V8 has compiled what a question runs through. */
const ROUNDS = 200;
/** There as soon as the service is: the own host's. */
const SELECTOR = 'host_cpu_usage_percent';
const HOUR_SECONDS = 3600;
const EVERYBODY = { open: true, authenticate: async () => undefined };

/**
 * Asks the routes of Prometheus' API a few hundred small questions, so that the first person who asks does not wait
 * for the compiler: a cold question takes several times as long as a warm one. They go to a server of their own that
 * never listens, hence count in no statistics and need no credentials, and give way to other work between any two.
 */
export class WarmUp {
  readonly #routes: readonly Route[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();

  constructor(routes: readonly Route[], clock: Clock, logger: Logger) {
    this.#routes = routes.filter(({ path, method }) => path.startsWith('/api/v1/') && method === 'GET');
    this.#clock = clock;
    this.#logger = logger;
  }

  start(): void {
    this.#running = this.#run().catch((error) => this.#logger.warn({ error }, 'the warm-up was given up'));
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    const app = await createHttpServer({
      routes: this.#routes,
      guards: { authenticator: EVERYBODY, allowedOrigins: [], allowedHosts: undefined },
      logger: this.#logger,
      trustProxy: false,
    });
    try {
      const now = this.#clock.now() / 1000;
      for (let round = 0; round < ROUNDS; round++) {
        for (const url of questions(now + round / 1000)) {
          await otherWork();
          if (this.#stopped) return;
          await app.inject({ url, headers: { host: 'localhost' } });
        }
      }
    } finally {
      await app.close();
      collectGarbage();
    }
  }
}

/** What start and warm-up leave behind V8 would keep for hours where little happens: tens of megabytes. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  setFlagsFromString('--no-expose-gc');
  collect();
}

/** `now` in seconds; each time another one, so that no cache answers. */
function questions(now: number): string[] {
  const query = (text: string, parameters: Readonly<Record<string, string>>) =>
    new URLSearchParams({ query: text, ...parameters }).toString();
  const range = { start: String(now - HOUR_SECONDS), end: String(now), step: '60', nocache: '1' };
  const at = { time: String(now) };
  return [
    `/api/v1/query?${query(SELECTOR, at)}`,
    `/api/v1/query?${query('host_cpu_seconds_total', at)}`,
    `/api/v1/query?${query(`sum by (mode) (rate(host_cpu_seconds_total[5m]))`, at)}`,
    `/api/v1/query_range?${query(SELECTOR, range)}`,
    '/api/v1/label/__name__/values',
  ];
}
