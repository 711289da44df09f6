import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { OtlpGrpcOptions, OtlpGrpcService } from './grpc-service.ts';

/**
 * The port of OTLP over gRPC, without TLS. HTTP/2 is loaded with the first connection: many senders never use it.
 */
export class OtlpGrpcServer {
  readonly #options: OtlpGrpcOptions;
  readonly #server = createServer({ noDelay: true }, (connection) => void this.#take(connection));
  readonly #connections = new Set<Socket>();
  #service: Promise<OtlpGrpcService> | undefined;
  #isStopping = false;

  constructor(options: OtlpGrpcOptions) {
    this.#options = options;
  }

  /** Resolves with the port. Rejects with the code `EADDRINUSE` where another process has it. */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen({ host, port });
    await once(this.#server, 'listening');
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    // Calls back once the connections have ended, or at once where it never listened.
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await (await this.#service)?.stop();
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }

  async #take(connection: Socket): Promise<void> {
    const ignore = () => {};
    connection.on('error', ignore);
    this.#connections.add(connection);
    connection.once('close', () => this.#connections.delete(connection));
    this.#service ??= import('./grpc-service.ts').then(({ openGrpcService }) => openGrpcService(this.#options));
    const service = await this.#service;
    if (this.#isStopping || connection.destroyed) return;
    connection.off('error', ignore);
    service.take(connection);
  }
}
