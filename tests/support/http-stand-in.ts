import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface StandInAnswer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** `drop`: breaks the connection off; `silent`: never answers. */
export type StandInBehaviour = (request: ReceivedRequest) => StandInAnswer | 'drop' | 'silent';

/** A small real HTTP server in the place of somebody's service; it keeps what it gets and answers as told. */
export class HttpStandIn {
  readonly requests: ReceivedRequest[] = [];
  behave: StandInBehaviour;
  readonly #server: Server;

  private constructor(behave: StandInBehaviour) {
    this.behave = behave;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const received = {
          method: request.method!,
          path: request.url!,
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        };
        this.requests.push(received);
        const answer = this.behave(received);
        if (answer === 'silent') return;
        if (answer === 'drop') {
          request.socket.destroy();
          return;
        }
        response.writeHead(answer.status, answer.headers).end(answer.body ?? '');
      });
    });
  }

  static async start(behave: StandInBehaviour = () => ({ status: 200 })): Promise<HttpStandIn> {
    const standIn = new HttpStandIn(behave);
    standIn.#server.listen(0, '127.0.0.1');
    await once(standIn.#server, 'listening');
    return standIn;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
