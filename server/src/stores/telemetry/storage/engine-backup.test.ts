import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { silentLogger } from '../../../../../tests/support/telemetry-store.ts';
import { EmbeddedClickHouse } from '../clickhouse/embedded-click-house.ts';
import { LATEST_VERSION, migrate } from '../clickhouse/schema/migrations.ts';
import { backUpDatabase, restoreDatabase } from './engine-backup.ts';

const path = mkdtempSync(join(tmpdir(), 'engine-backup-'));
afterAll(() => rmSync(path, { recursive: true, force: true }));

const open = (name: string) =>
  EmbeddedClickHouse.open({ path: join(path, name), memoryLimitBytes: 1024 ** 3, backupDir: join(path, 'backups') });

const COUNTS = `SELECT (SELECT count() FROM otel_traces) AS spans, (SELECT sum(Count) FROM span_metrics) AS counted,
  (SELECT uniqExact(SpanId) FROM otel_traces) AS ids,
  (SELECT count() FROM metric_rollups) + (SELECT count() FROM metric_histogram_rollups) AS rollups, (SELECT max(version) FROM schema_migrations) AS version`;

it('a backup made while rows are written restores to a moment of that time, views included', async () => {
  mkdirSync(join(path, 'backups'));
  const engine = await open('one');
  await migrate(engine, silentLogger);
  let written = 0;
  const write = async (rows: number) => {
    await engine.command(
      `INSERT INTO otel_traces (Timestamp, TraceId, SpanId, ServiceName)
       SELECT now64(9), toString(number), toString(number + ${written}), 'gateway' FROM numbers(${rows})`,
      { pool: 'ingest' },
    );
    written += rows;
  };
  await write(200_000);
  const before = written;
  for (const table of ['metric_rollups', 'metric_histogram_rollups']) {
    await engine.command(
      `INSERT INTO ${table} (metric, bucket, timestamp) SELECT 'm', toDateTime(90000 + 300 * number) AS b, b FROM numbers(50)`,
    );
  }
  let over = false;
  const writing = (async () => {
    while (!over) await write(100);
  })();
  const size = await backUpDatabase(engine, join(path, 'backups', 'first'));
  over = true;
  await writing;
  expect(size.bytes).toBeGreaterThan(200_000);
  await engine.close();

  const restored = await open('two');
  await restoreDatabase(restored, join(path, 'backups', 'first'));
  const [counts] = await restored.query<{
    spans: number;
    counted: number;
    ids: number;
    rollups: number;
    version: number;
  }>(COUNTS);
  expect(counts!.spans).toBeGreaterThanOrEqual(before);
  expect(counts!.spans).toBeLessThanOrEqual(written);
  expect(counts!.ids).toBe(counts!.spans);
  expect(counts!.rollups).toBe(100);
  expect(counts!.version).toBe(LATEST_VERSION);
  // Inserts go to a table and then to its views: at most the one that ran is in one and not in the other.
  expect(Math.abs(counts!.counted - counts!.spans)).toBeLessThanOrEqual(100);
  // The restored views work on.
  await restored.command("INSERT INTO otel_traces (Timestamp, SpanId) SELECT now64(9), 'new'");
  expect((await restored.query<{ counted: number }>(COUNTS))[0]!.counted).toBe(counts!.counted + 1);
  await expect(backUpDatabase(restored, '/nowhere/else')).rejects.toThrow();
  await restored.close();

  const spans = join(path, 'backups', 'first', 'data', 'otel', 'otel_traces');
  const [data] = readdirSync(spans, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /SpanId\.bin$|data\.bin$/.test(name),
  );
  const file = openSync(join(spans, data!), 'r+');
  writeSync(file, 'XX', 100);
  closeSync(file);
  const third = await open('three');
  await expect(restoreDatabase(third, join(path, 'backups', 'first'))).rejects.toThrow(/^otel_traces, part /);
  await third.close();
});
