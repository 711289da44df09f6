import type { Clock } from '../../../model/clock.ts';
import { type DaySize, dropDay, readDaySizes, readTableSizes } from '../clickhouse/schema/stored-parts.ts';
import type { TelemetryStore } from '../telemetry-store.ts';
import type { StoredDays } from './disk-budget.ts';
import {
  type DiskUsage,
  diskOfFolder,
  disksOfServer,
  readServiceUsage,
  readSignalUsage,
  type ServiceUsage,
  type SignalUsage,
} from './storage-usage.ts';

export type EngineKind = 'embedded' | 'server' | 'cluster';

const COUNT_EVERY_MS = 60_000;
const COUNT_WITHIN_MS = 10_000;

/** What telemetry takes on disk, where it is, and the dropping of whole days. */
export class TelemetryStorage implements StoredDays {
  readonly #store: Pick<TelemetryStore, 'clickHouse' | 'cluster' | 'metrics'>;
  /** Of the embedded engine; `undefined` where the data are on a server. */
  readonly #folder: string | undefined;
  readonly #clock: Clock;
  #counted: { readonly at: number; readonly services: Promise<ServiceUsage[] | undefined> } | undefined;

  constructor(
    store: Pick<TelemetryStore, 'clickHouse' | 'cluster' | 'metrics'>,
    folder: string | undefined,
    clock: Clock,
  ) {
    this.#store = store;
    this.#folder = folder;
    this.#clock = clock;
  }

  get engine(): EngineKind {
    if (this.#folder !== undefined) return 'embedded';
    return this.#store.cluster === undefined ? 'server' : 'cluster';
  }

  signals(): Promise<SignalUsage[]> {
    return readSignalUsage(this.#store.clickHouse, this.#store.cluster);
  }

  /**
   * Counted at most once a minute, since it reads a column of every row. `undefined` where that fails, or takes too long
   * to wait for.
   */
  services(signals: readonly SignalUsage[]): Promise<ServiceUsage[] | undefined> {
    const now = this.#clock.now();
    if (this.#counted === undefined || now - this.#counted.at >= COUNT_EVERY_MS) {
      const services = readServiceUsage(this.#store.clickHouse, signals, AbortSignal.timeout(COUNT_WITHIN_MS));
      this.#counted = { at: now, services: services.catch(() => undefined) };
    }
    return this.#counted.services;
  }

  /** Rejects where a server does not tell. */
  disk(): Promise<DiskUsage> {
    const { clickHouse, cluster } = this.#store;
    return this.#folder === undefined ? disksOfServer(clickHouse, cluster) : diskOfFolder(this.#folder);
  }

  days(): Promise<DaySize[]> {
    return readDaySizes(this.#store.clickHouse, this.#store.cluster);
  }

  async bytes(): Promise<number> {
    const sizes = await readTableSizes(this.#store.clickHouse, this.#store.cluster);
    return sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  async dropDay(day: DaySize): Promise<void> {
    try {
      await dropDay(this.#store.clickHouse, this.#store.cluster, day);
    } finally {
      this.#store.metrics.samplesRemoved();
    }
  }
}
