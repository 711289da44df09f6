import { mapBounded } from '../../lib/map-bounded.ts';
import { PeriodicTask } from '../../lib/periodic-task.ts';
import { SampleBuffer } from '../../lib/sample-buffer.ts';
import type { Clock } from '../../model/clock.ts';
import type { Logger } from '../../model/logger.ts';
import type { SampleSink } from '../../model/metric.ts';
import {
  type ContainerReading,
  containerReading,
  type InspectedContainer,
  type ListedContainer,
  parseContainers,
  parseInspection,
} from './container-reading.ts';
import { containerSeries } from './container-series.ts';
import { type ContainerUsage, type CpuReading, parseStats } from './container-usage.ts';
import { DockerClient, DockerError } from './docker-client.ts';
import { listAt, textAt } from './json-access.ts';

export interface DockerCollectorOptions {
  /** `unix:///var/run/docker.sock`, `tcp://host:2375`; `undefined`: there is no engine to ask. */
  readonly dockerHost: string | undefined;
  /** The label `host` of every series. */
  readonly hostName: string;
  readonly sink: SampleSink;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Milliseconds between readings. Default 10 s. */
  readonly intervalMs?: number;
}

export type EngineState =
  | { readonly available: true; readonly name: string; readonly version: string }
  | { readonly available: false; readonly error: string };

export interface ContainersSnapshot {
  readonly engine: EngineState;
  readonly items: readonly ContainerReading[];
}

const LIST_TIMEOUT_MS = 8_000;
/** Without one-shot the engine takes one to two seconds: it looks twice. */
const STATS_TIMEOUT_MS = 8_000;
const PARALLEL = 10;

/**
 * Reads all containers of a Docker engine (or of Podman, which speaks the same) every interval. An engine that is
 * absent or gone is a state, not an error: it is asked again at every interval.
 */
export class DockerCollector {
  readonly #options: DockerCollectorOptions;
  readonly #client: DockerClient | undefined;
  readonly #buffer: SampleBuffer;
  readonly #task: PeriodicTask;
  readonly #cpu = new Map<string, CpuReading>();
  readonly #stopped = new Map<string, InspectedContainer>();
  #snapshot: ContainersSnapshot;
  #apiVersion = '';
  #first: Promise<void> | undefined;

  /** Throws `ServiceError('invalid')` where `dockerHost` is no address. */
  constructor(options: DockerCollectorOptions) {
    this.#options = options;
    this.#client = options.dockerHost === undefined ? undefined : new DockerClient(options.dockerHost);
    this.#buffer = new SampleBuffer({ sink: options.sink, logger: options.logger, source: 'docker' });
    this.#task = new PeriodicTask(options.clock, options.intervalMs ?? 10_000, () => this.#collect());
    const error = 'no Docker engine was found; set DOCKER_HOST to the address of one';
    this.#snapshot = { engine: { available: false, error }, items: [] };
  }

  /** Begins to read; an engine that answers slowly holds nothing up. */
  start(): void {
    if (!this.#client) return;
    this.#first = this.#collect();
    this.#task.start();
  }

  async stop(): Promise<void> {
    await this.#task.stop();
    await this.#first;
    this.#client?.close();
  }

  /** The newest state; waits for the first reading where there is none yet. Never rejects. */
  async snapshot(): Promise<ContainersSnapshot> {
    await this.#first;
    return this.#snapshot;
  }

  /** The newest state at once; before the first reading: not available. */
  latest(): ContainersSnapshot {
    return this.#snapshot;
  }

  /** Never rejects. */
  async #collect(): Promise<void> {
    const { clock, hostName, logger } = this.#options;
    const known = this.#snapshot;
    try {
      this.#snapshot = await this.#read(this.#client!);
    } catch (error) {
      this.#snapshot = { engine: { available: false, error: (error as Error).message }, items: [] };
    }
    const { engine, items } = this.#snapshot;
    if (engine.available) {
      if (!known.engine.available) logger.info({ engine: engine.name, version: engine.version }, 'containers are read');
      await this.#buffer.write(containerSeries(hostName, items, clock.now()));
    } else if (known.engine.available || known.engine.error !== engine.error) {
      logger.warn({ reason: engine.error }, 'containers cannot be read');
    }
  }

  async #read(client: DockerClient): Promise<ContainersSnapshot> {
    const engine = await this.#readEngine(client);
    const listed = parseContainers(await client.getJson(`${this.#apiVersion}/containers/json?all=1`, LIST_TIMEOUT_MS));
    this.#forget(new Set(listed.map((container) => container.id)));
    const items = await mapBounded(listed, PARALLEL, (container) => this.#readContainer(client, container));
    return { engine, items: items.filter((item) => item !== undefined) };
  }

  /** Asks for the engine's own API version: engines refuse both too old and too new ones. */
  async #readEngine(client: DockerClient): Promise<EngineState> {
    const answer = await client.getJson('/version', LIST_TIMEOUT_MS);
    const apiVersion = textAt(answer, 'ApiVersion');
    this.#apiVersion = apiVersion === '' ? '' : `/v${apiVersion}`;
    const component = textAt(listAt(answer, 'Components')[0], 'Name');
    const name = component === '' || component === 'Engine' ? 'Docker Engine' : component;
    return { available: true, name, version: textAt(answer, 'Version') };
  }

  /** `undefined` where the container was removed in the meantime. */
  async #readContainer(client: DockerClient, listed: ListedContainer): Promise<ContainerReading | undefined> {
    try {
      const running = listed.state === 'running' || listed.state === 'paused';
      const [inspected, usage] = await Promise.all([
        this.#inspect(client, listed, running),
        running ? this.#readUsage(client, listed.id) : undefined,
      ]);
      return containerReading(listed, inspected, usage);
    } catch (error) {
      if (error instanceof DockerError && error.status === 404) return undefined;
      if (error instanceof DockerError) return containerReading(listed, undefined, undefined);
      throw error;
    }
  }

  /** What is not running does not change until it runs: it is inspected once. */
  async #inspect(client: DockerClient, listed: ListedContainer, running: boolean): Promise<InspectedContainer> {
    const known = this.#stopped.get(listed.id);
    if (!running && known?.state === listed.state) return known;
    const answer = await client.getJson(`${this.#apiVersion}/containers/${listed.id}/json`, LIST_TIMEOUT_MS);
    const inspected = parseInspection(answer);
    if (running) this.#stopped.delete(listed.id);
    else this.#stopped.set(listed.id, inspected);
    return inspected;
  }

  /**
   * With `one-shot` the engine answers at once, without a reading before; ours serves then. A container seen for the
   * first time is asked without, so that its processor use is known at once.
   */
  async #readUsage(client: DockerClient, id: string): Promise<ContainerUsage | undefined> {
    const before = this.#cpu.get(id);
    const oneShot = before ? '&one-shot=true' : '';
    const path = `${this.#apiVersion}/containers/${id}/stats?stream=false${oneShot}`;
    const { usage, cpu } = parseStats(await client.getJson(path, STATS_TIMEOUT_MS), before);
    this.#cpu.set(id, cpu);
    return usage;
  }

  #forget(present: ReadonlySet<string>): void {
    for (const known of [this.#cpu, this.#stopped]) {
      for (const id of known.keys()) if (!present.has(id)) known.delete(id);
    }
  }
}
