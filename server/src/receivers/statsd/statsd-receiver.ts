import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { PeriodicTask } from '../../lib/periodic-task.ts';
import { SampleBuffer } from '../../lib/sample-buffer.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import { type Intake, RejectionTally } from '../../pipeline/index.ts';
import { StatsdAggregate } from './aggregate.ts';
import { parseStatsdLine } from './parse-line.ts';

const FLUSH_EVERY_MS = 10_000;
/** Datagrams that wait in the operating system while this process is busy; it gives as much as `net.core.rmem_max` allows. */
const WAITING_BYTES = 4 * 1024 * 1024;

export interface StatsdOptions {
  /** Where everything goes; `pipeline.intake('statsd')`. */
  readonly intake: Intake;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Takes StatsD over UDP and writes what it adds up every ten seconds. Senders hear nothing: bad lines are counted. */
export class StatsdReceiver {
  readonly #options: StatsdOptions;
  readonly #aggregate = new StatsdAggregate();
  readonly #buffer: SampleBuffer;
  readonly #task: PeriodicTask;
  #socket: Socket | undefined;
  #refused = new RejectionTally();
  #bytes = 0;
  #flushedAt: number;

  constructor(options: StatsdOptions) {
    const { intake, clock, logger } = options;
    this.#options = options;
    this.#flushedAt = clock.now();
    const sink = {
      writeSamples: async (batch: Parameters<Intake['writeSamples']>[0]) => {
        const bytes = this.#bytes;
        this.#bytes = 0;
        await intake.writeSamples(batch, { sender: { key: 'statsd', bytes } });
      },
    };
    this.#buffer = new SampleBuffer({ sink, logger, source: 'statsd' });
    this.#task = new PeriodicTask(clock, FLUSH_EVERY_MS, () => this.#flush());
  }

  /** Resolves with the port. Rejects with the code `EADDRINUSE` where another process has it. */
  async listen(host: string, port: number): Promise<number> {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4', recvBufferSize: WAITING_BYTES });
    socket.on('message', (datagram) => {
      this.#bytes += datagram.length;
      this.#take(datagram.toString('utf8'));
    });
    socket.bind(port, host);
    await once(socket, 'listening');
    socket.on('error', (error) => this.#options.logger.warn({ err: error }, 'the StatsD socket has a problem'));
    this.#socket = socket;
    this.#task.start();
    return socket.address().port;
  }

  /** Writes what has arrived. */
  async stop(): Promise<void> {
    if (!this.#socket) return;
    this.#socket.close();
    this.#socket = undefined;
    await this.#task.stop();
    await this.#flush();
  }

  #take(datagram: string): void {
    const now = this.#options.clock.now();
    for (const line of datagram.split(/\r?\n/)) {
      if (line === '') continue;
      const metric = parseStatsdLine(line);
      if (typeof metric === 'string') this.#refused.add(metric);
      else if (!this.#aggregate.add(metric, now)) this.#refused.add('too_many_aggregates', 1, metric.name);
    }
  }

  async #flush(): Promise<void> {
    const now = this.#options.clock.now();
    const series = this.#aggregate.flush(now, this.#flushedAt);
    this.#flushedAt = now;
    const refused = this.#refused;
    this.#refused = new RejectionTally();
    if (refused.total > 0) await this.#options.intake.writeSamples([], { refused: refused.list() });
    await this.#buffer.write(series);
  }
}
