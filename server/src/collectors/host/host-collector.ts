import { PeriodicTask } from '../../lib/periodic-task.ts';
import { SampleBuffer } from '../../lib/sample-buffer.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { SampleSink } from '../../model/metric.ts';
import { cpuUsagePercent, diskUsagePercent, networkRates, percent, usedMemory } from './host-figures.ts';
import type { HostReading } from './host-reading.ts';
import { hostSeries } from './host-series.ts';
import { readHost } from './read-host.ts';

export interface HostCollectorOptions {
  /** The label `host` of every series. */
  readonly hostName: string;
  readonly sink: SampleSink;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between readings. Default 10 s. */
  readonly intervalMs?: number;
  /** Where readings come from. Default: this machine. */
  readonly read?: (now: number) => Promise<HostReading>;
}

/** The state of the host in the API's own words: the newest reading and what changed since the one before. */
export interface HostSnapshot {
  readonly host: string;
  readonly cpu: {
    readonly usage_percent: number;
    readonly cores: number;
    readonly load_1m: number;
    readonly load_5m: number;
    readonly load_15m: number;
  };
  readonly memory: {
    readonly total_bytes: number;
    readonly used_bytes: number;
    readonly available_bytes: number;
    readonly usage_percent: number;
  };
  readonly disks: readonly {
    readonly mount: string;
    readonly total_bytes: number;
    readonly used_bytes: number;
    readonly usage_percent: number;
  }[];
  readonly network: { readonly receive_bytes_per_second: number; readonly transmit_bytes_per_second: number };
  readonly uptime_seconds: number;
}

/** Time between the two readings at start: long enough for the processor's 10 ms ticks to mean something. */
const FIRST_PAUSE_MS = 250;

/** Reads the host every interval and writes what it says as series. */
export class HostCollector {
  readonly #options: HostCollectorOptions;
  readonly #read: (now: number) => Promise<HostReading>;
  readonly #buffer: SampleBuffer;
  readonly #task: PeriodicTask;
  #latest: HostReading | undefined;
  #before: HostReading | undefined;
  #failing = false;

  constructor(options: HostCollectorOptions) {
    this.#options = options;
    this.#read = options.read ?? readHost;
    this.#buffer = new SampleBuffer({ sink: options.sink, logger: options.logger, source: 'host' });
    this.#task = new PeriodicTask(options.clock, options.intervalMs ?? 10_000, () => this.#collect());
  }

  /** Resolves when the first readings are taken and written, so that rates and usage are known from then on. */
  async start(): Promise<void> {
    const { clock } = this.#options;
    this.#latest = await this.#read(clock.now());
    await new Promise<void>((resolve) => clock.setTimer(FIRST_PAUSE_MS, resolve));
    await this.#collect();
    this.#task.start();
  }

  async stop(): Promise<void> {
    await this.#task.stop();
  }

  /** The newest state; `undefined` before `start` has resolved. */
  snapshot(): HostSnapshot | undefined {
    const reading = this.#latest;
    return reading && this.#before && describe(this.#options.hostName, reading, this.#before);
  }

  async #collect(): Promise<void> {
    const reading = await this.#tryRead();
    if (!reading) return;
    this.#before = this.#latest;
    this.#latest = reading;
    await this.#buffer.write(hostSeries(this.#options.hostName, reading, this.#before));
  }

  async #tryRead(): Promise<HostReading | undefined> {
    const { clock, logger } = this.#options;
    try {
      const reading = await this.#read(clock.now());
      this.#failing = false;
      return reading;
    } catch (error) {
      if (!this.#failing) logger.warn({ error: String(error) }, 'the host cannot be read');
      this.#failing = true;
      return undefined;
    }
  }
}

function describe(host: string, reading: HostReading, before: HostReading): HostSnapshot {
  const { memory, load } = reading;
  const rates = networkRates(before, reading);
  return {
    host,
    cpu: {
      usage_percent: cpuUsagePercent(before.cpu, reading.cpu) ?? 0,
      cores: reading.cores,
      load_1m: load[0],
      load_5m: load[1],
      load_15m: load[2],
    },
    memory: {
      total_bytes: memory.total,
      used_bytes: usedMemory(memory),
      available_bytes: memory.available,
      usage_percent: percent(usedMemory(memory), memory.total),
    },
    disks: reading.disks.map((disk) => ({
      mount: disk.mount,
      total_bytes: disk.totalBytes,
      used_bytes: disk.usedBytes,
      usage_percent: diskUsagePercent(disk),
    })),
    network: {
      receive_bytes_per_second: rates?.receiveBytesPerSecond ?? 0,
      transmit_bytes_per_second: rates?.transmitBytesPerSecond ?? 0,
    },
    uptime_seconds: reading.uptimeSeconds,
  };
}
