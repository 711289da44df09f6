import { LATEST_VERSION } from '../clickhouse/schema/migrations.ts';
import { type EngineOptions, openEngine } from '../open-engine.ts';

export interface TelemetryInspection {
  /** Of ClickHouse. */
  readonly version: string;
  /** Of the schema, 0 where there is none. */
  readonly schema: number;
  /** That this release knows. */
  readonly latest: number;
}

/** Opens the engine and looks at what is there, without migrating it. */
export async function inspectTelemetry(options: EngineOptions): Promise<TelemetryInspection> {
  const engine = await openEngine(options);
  try {
    const [server] = await engine.query<{ version: string; tables: number }>(
      `SELECT version() AS version,
         (SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'schema_migrations') AS tables`,
    );
    const [journal] =
      server!.tables === 0
        ? []
        : await engine.query<{ schema: number }>('SELECT max(version) AS schema FROM schema_migrations');
    return { version: server!.version, schema: journal?.schema ?? 0, latest: LATEST_VERSION };
  } finally {
    await engine.close();
  }
}
