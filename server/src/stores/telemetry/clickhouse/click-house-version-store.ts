import type { TimeRange } from '../../../model/time-range.ts';
import type { ClickHouse, QueryOptions } from '../click-house.ts';
import type { SeenVersion, VersionStore } from '../version-store.ts';
import { parametersOf, rows } from './red-conditions.ts';

const LIMIT = 2000;

interface VersionRow {
  readonly service: string;
  readonly environment: string;
  readonly version: string;
  readonly first_seen: number | string;
  readonly last_seen: number | string;
}

/** Versions from the resource attribute `service.version` of stored spans. */
export class ClickHouseVersionStore implements VersionStore {
  readonly #clickHouse: ClickHouse;

  constructor(clickHouse: ClickHouse) {
    this.#clickHouse = clickHouse;
  }

  async versions(range: TimeRange, options: Pick<QueryOptions, 'pool' | 'signal'> = {}): Promise<SeenVersion[]> {
    const found = await this.#clickHouse.query<VersionRow>(SQL, { parameters: parametersOf(range, {}), ...options });
    return found.map(({ service, environment, version, first_seen, last_seen }) => ({
      ...{ service, environment, version },
      firstSeen: Number(first_seen),
      lastSeen: Number(last_seen),
    }));
  }
}

const SQL = `
SELECT ServiceName AS service, ${rows.environment} AS environment, ResourceAttributes['service.version'] AS version,
  toUnixTimestamp64Milli(min(Timestamp)) AS first_seen, toUnixTimestamp64Milli(max(Timestamp)) AS last_seen
FROM otel_traces
WHERE ${rows.inRange} AND version != '' AND service != ''
GROUP BY service, environment, version
ORDER BY service, environment, first_seen
LIMIT ${LIMIT}`;
