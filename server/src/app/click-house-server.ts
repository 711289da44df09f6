import type { Config } from '../config/index.ts';
import type { ServerAddress } from '../stores/telemetry/index.ts';

const DATABASE = 'otel';

/** The ClickHouse that the settings name, if any. */
export function clickHouseServer(config: Config): ServerAddress | undefined {
  if (config.clickhouseUrl === undefined) return undefined;
  const { origin, username, password, pathname } = new URL(config.clickhouseUrl);
  return {
    origin,
    user: decodeURIComponent(username) || config.clickhouseUser || 'default',
    password: decodeURIComponent(password) || config.clickhousePassword || '',
    database: pathname.slice(1) || DATABASE,
    ...(config.clickhouseCa !== undefined && { certificateAuthority: Buffer.from(config.clickhouseCa) }),
    ...(config.clickhouseCluster !== undefined && { cluster: config.clickhouseCluster }),
  };
}

/** What a write waits for: the log on this machine's disk, unless the store is elsewhere and safer than that. */
export function acknowledgement(config: Config): { by: 'log'; fsync: '1s' | 'always' } | { by: 'store' } {
  const by = config.ingestAcknowledge ?? (config.clickhouseUrl === undefined ? 'log' : 'store');
  return by === 'log' ? { by, fsync: config.ingestFsync } : { by };
}
