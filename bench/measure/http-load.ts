import http from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import type { PreparedRequest } from '../workload/request-file.ts';

/** An answer that takes longer is an error of the benchmark. */
const TIMEOUT_MS = 120_000;
/** A request is refused so often at most. */
const MOST_TRIES = 200;

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
  readonly milliseconds: number;
}

export interface Call {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** Keeps its connections open. */
export class HttpLoad {
  readonly #agent: http.Agent;

  constructor(connections: number) {
    this.#agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  }

  call(url: string, { method = 'GET', headers = {}, body }: Call = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const began = performance.now();
      const length = body ? { 'content-length': String(body.length) } : {};
      const request = http.request(
        url,
        { agent: this.#agent, method, headers: { ...headers, ...length }, timeout: TIMEOUT_MS },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.once('error', reject);
          response.once('end', () =>
            resolve({
              status: response.statusCode!,
              headers: response.headers,
              body: Buffer.concat(chunks),
              milliseconds: performance.now() - began,
            }),
          );
        },
      );
      request.once('timeout', () => request.destroy(new Error(`${method} ${url}: no answer in ${TIMEOUT_MS} ms`)));
      request.on('error', reject);
      request.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

/** Sends prepared bodies to one address, and repeats what the receiver cannot take at present. */
export class Sender {
  readonly #load: HttpLoad;
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;
  acknowledged = 0;
  sentBytes = 0;
  /** Answers 429 and 503, each repeated after its Retry-After. */
  refusals = 0;
  readonly latencies: number[] = [];

  constructor(load: HttpLoad, url: string, headers: Readonly<Record<string, string>>) {
    this.#load = load;
    this.#url = url;
    this.#headers = headers;
  }

  async send({ body, items }: PreparedRequest): Promise<void> {
    for (let tries = 1; ; tries++) {
      const answer = await this.#load.call(this.#url, { method: 'POST', headers: this.#headers, body });
      this.latencies.push(answer.milliseconds);
      if (answer.status < 300) {
        this.acknowledged += items;
        this.sentBytes += body.length;
        return;
      }
      const isBusy = answer.status === 429 || answer.status === 503;
      if (!isBusy || tries >= MOST_TRIES) {
        const text = answer.body.toString('utf8', 0, 300);
        throw new Error(`POST ${this.#url} was answered with ${answer.status} at try ${tries}: ${text}`);
      }
      this.refusals++;
      await pause(1000 * Number(answer.headers['retry-after'] ?? 0.05));
    }
  }

  /** One connection a lane, each in its order; none gets more than `drift` requests ahead of the last. */
  async sendLanes(lanes: readonly (readonly PreparedRequest[])[], drift: number): Promise<void> {
    const places = lanes.map(() => 0);
    const sendLane = async (requests: readonly PreparedRequest[], lane: number) => {
      for (const request of requests) {
        while (places[lane]! - Math.min(...places) > drift) await pause(1);
        await this.send(request);
        places[lane]!++;
      }
      places[lane] = Number.POSITIVE_INFINITY;
    };
    await Promise.all(lanes.map(sendLane));
  }

  /** Every connection takes the next request when it has its answer. */
  async sendAll(requests: readonly PreparedRequest[], connections: number): Promise<void> {
    let next = 0;
    const work = async () => {
      while (next < requests.length) await this.send(requests[next++]!);
    };
    await Promise.all(Array.from({ length: connections }, work));
  }
}
