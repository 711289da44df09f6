import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestEngine } from '../../../../../../tests/support/test-engine.ts';
import type { ClickHouseEngine } from '../../click-house.ts';
import { LATEST_VERSION, MIGRATIONS, migrate } from './migrations.ts';
import { applyRetention } from './retention.ts';
import { VERSION_1 } from './tables.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const DAY = 86_400_000;
const path = mkdtempSync(join(tmpdir(), 'migrations-'));
let engine: ClickHouseEngine;

beforeAll(async () => {
  engine = await openTestEngine(path);
  await migrate(engine, silent);
});

afterAll(async () => {
  await engine.close();
  rmSync(path, { recursive: true, force: true });
});

const tables = () =>
  engine.query<{ name: string; sql: string; engine: string }>(
    `SELECT name, create_table_query AS sql, engine_full AS engine FROM system.tables
     WHERE database = currentDatabase() ORDER BY name`,
  );

describe('the telemetry schema', () => {
  it('is what version 1 says', async () => {
    await expect(`${VERSION_1.join(';\n\n')};\n`).toMatchFileSnapshot('./__golden__/version-1.sql');
    const names = (await tables()).map((table) => table.name);
    expect(names).toEqual([
      'metric_exemplars',
      'metric_histogram_rollups',
      'metric_histograms',
      'metric_rollups',
      'metric_samples',
      'metric_series',
      'metric_start_timestamps',
      'otel_logs',
      'otel_traces',
      'otel_traces_trace_id_ts',
      'otel_traces_trace_id_ts_mv',
      'schema_migrations',
      'span_metrics',
      'span_metrics_mv',
    ]);
  });

  it('remembers deduplication tokens in every table that takes telemetry', async () => {
    for (const table of await tables()) {
      if (table.engine === '' || table.name === 'schema_migrations') continue;
      expect(table.engine, table.name).toContain('non_replicated_deduplication_window = 1000');
    }
  });

  it('is left alone by a second run', async () => {
    const before = await tables();
    await migrate(engine, silent);
    expect(await tables()).toEqual(before);
    expect(await engine.query('SELECT count() AS rows FROM schema_migrations')).toEqual([{ rows: MIGRATIONS.length }]);
  });

  it('is completed where a run was cut off', async () => {
    const before = await tables();
    await engine.command('TRUNCATE TABLE schema_migrations');
    await engine.command('DROP TABLE span_metrics_mv');
    await migrate(engine, silent);
    expect(await tables()).toEqual(before);
  });

  it('of a newer release is refused', async () => {
    await engine.command('INSERT INTO schema_migrations (version) VALUES (99)');
    await expect(migrate(engine, silent)).rejects.toThrow(`has version 99, this release knows ${LATEST_VERSION}`);
    await engine.command('ALTER TABLE schema_migrations DELETE WHERE version = 99 SETTINGS mutations_sync = 1');
  });
});

describe('retention', () => {
  const expiries = async () =>
    Object.fromEntries((await tables()).map((table) => [table.name, / TTL (.*?) SETTINGS/.exec(table.engine)?.[1]]));

  it('becomes the TTL of the tables, and can be changed', async () => {
    await applyRetention(engine, { metricsMs: 30 * DAY, logsMs: 14 * DAY, tracesMs: 7 * DAY });
    expect(await expiries()).toMatchObject({
      metric_samples: 'toDateTime(timestamp) + toIntervalSecond(2592000)',
      metric_series: 'toDateTime(last_seen) + toIntervalSecond(2592000)',
      otel_logs: 'toDateTime(Timestamp) + toIntervalSecond(1209600)',
      otel_traces: 'toDateTime(Timestamp) + toIntervalSecond(604800)',
      otel_traces_trace_id_ts: 'toDateTime(Start) + toIntervalSecond(604800)',
      span_metrics: 'toDateTime(Timestamp) + toIntervalSecond(2592000)',
    });
    await applyRetention(engine, { metricsMs: 30 * DAY, logsMs: DAY, tracesMs: 7 * DAY, rollupsMs: 365 * DAY });
    expect(await expiries()).toMatchObject({
      metric_samples: 'toDateTime(timestamp) + toIntervalSecond(2592000)',
      metric_series: 'toDateTime(last_seen) + toIntervalSecond(31536000)',
      metric_rollups: 'toDateTime(bucket) + toIntervalSecond(31536000)',
      metric_histogram_rollups: 'toDateTime(bucket) + toIntervalSecond(31536000)',
    });
    expect((await expiries()).otel_logs).toBe('toDateTime(Timestamp) + toIntervalSecond(86400)');
  });

  it('removes what is older', async () => {
    await applyRetention(engine, { metricsMs: 30 * DAY, logsMs: 30 * DAY, tracesMs: 7 * DAY });
    await engine.command(
      "INSERT INTO otel_logs (Timestamp, Body) SELECT now64(9, 'UTC') - toIntervalDay(number * 3), 'x' FROM numbers(4)",
    );
    await applyRetention(engine, { metricsMs: 30 * DAY, logsMs: 5 * DAY, tracesMs: 7 * DAY });
    await engine.command('OPTIMIZE TABLE otel_logs FINAL');
    expect(await engine.query('SELECT count() AS rows FROM otel_logs')).toEqual([{ rows: 2 }]);
  });
});
