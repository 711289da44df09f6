import type { ClickHouseEngine } from '../../server/src/stores/telemetry/click-house.ts';
import { EmbeddedClickHouse } from '../../server/src/stores/telemetry/clickhouse/embedded-click-house.ts';
import { UrlClickHouse } from '../../server/src/stores/telemetry/clickhouse/url-click-house.ts';
import { ClickHouseServer } from './click-house-server.ts';
import { silentLogger } from './telemetry-store.ts';

/** The embedded engine in a folder, or with `TEST_CLICKHOUSE=url` a ClickHouse server that closing ends. */
export async function openTestEngine(path: string): Promise<ClickHouseEngine> {
  if (process.env.TEST_CLICKHOUSE !== 'url') {
    return await EmbeddedClickHouse.open({ path, memoryLimitBytes: 1024 ** 3 });
  }
  const server = await ClickHouseServer.start();
  const engine = await UrlClickHouse.open({ address: server.address, logger: silentLogger });
  const close = engine.close.bind(engine);
  return Object.assign(engine, {
    close: async () => {
      await close();
      await server.stop();
    },
  });
}
