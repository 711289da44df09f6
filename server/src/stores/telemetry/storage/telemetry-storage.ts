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

/** What telemetry takes on disk, where it is, and the dropping of whole days. */
export class TelemetryStorage implements StoredDays {
  readonly #store: Pick<TelemetryStore, 'clickHouse' | 'cluster'>;
  /** Of the embedded engine; `undefined` where the data are on a server. */
  readonly #folder: string | undefined;

  constructor(store: Pick<TelemetryStore, 'clickHouse' | 'cluster'>, folder: string | undefined) {
    this.#store = store;
    this.#folder = folder;
  }

  get engine(): EngineKind {
    if (this.#folder !== undefined) return 'embedded';
    return this.#store.cluster === undefined ? 'server' : 'cluster';
  }

  signals(): Promise<SignalUsage[]> {
    return readSignalUsage(this.#store.clickHouse, this.#store.cluster);
  }

  services(signals: readonly SignalUsage[], signal?: AbortSignal): Promise<ServiceUsage[]> {
    return readServiceUsage(this.#store.clickHouse, signals, signal);
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

  dropDay(day: DaySize): Promise<void> {
    return dropDay(this.#store.clickHouse, this.#store.cluster, day);
  }
}
