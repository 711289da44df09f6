import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../server/src/model/clock.ts';
import type { Logger } from '../../server/src/model/logger.ts';
import { openTelemetryStore, type TelemetryStore } from '../../server/src/stores/telemetry/index.ts';
import { ClickHouseServer } from './click-house-server.ts';

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const YEARS = 10 * 365 * 86_400_000;

/**
 * A real telemetry store in a folder of its own, which closing it removes. Nothing expires. One per process: see the
 * engine. With `TEST_CLICKHOUSE=url` it is one over a ClickHouse server.
 */
export async function openTestTelemetryStore(): Promise<TelemetryStore> {
  const dataDir = await mkdtemp(join(tmpdir(), 'telemetry-'));
  const server = process.env.TEST_CLICKHOUSE === 'url' ? await ClickHouseServer.start() : undefined;
  const store = await openTelemetryStore({
    dataDir,
    retention: { metricsMs: YEARS, logsMs: YEARS, tracesMs: YEARS },
    clock: systemClock,
    logger: silentLogger,
    ...(server && { server: server.address }),
  });
  const close = store.close.bind(store);
  return Object.assign(store, {
    close: async () => {
      await close();
      await server?.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  });
}
