import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClickHouse } from '../../click-house.ts';
import { EmbeddedClickHouse } from '../embedded-click-house.ts';
import { ddl, queriedTable, storedTable } from './cluster-ddl.ts';
import { JOURNAL, MIGRATIONS, migrate } from './migrations.ts';
import { applyRetention } from './retention.ts';

const CLUSTER = { name: 'telemetry', database: 'otel' };
const DAY = 86_400_000;
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** Keeps what it is told; there is no cluster to try it on. */
function recorder(): { statements: string[]; clickHouse: ClickHouse } {
  const statements: string[] = [];
  const clickHouse = {
    command: async (sql: string) => void statements.push(sql),
    query: async () => [],
  } as unknown as ClickHouse;
  return { statements, clickHouse };
}

describe('the schema over a cluster', () => {
  it('is this', async () => {
    const { statements, clickHouse } = recorder();
    await migrate(clickHouse, silent, CLUSTER);
    await applyRetention(clickHouse, { metricsMs: 30 * DAY, logsMs: 14 * DAY, tracesMs: 7 * DAY }, CLUSTER);
    await expect(`${statements.join(';\n\n')};\n`).toMatchFileSnapshot('./__golden__/cluster.sql');
  });

  it('is the same schema: a replicated table with a token window and a distributed one for each', () => {
    for (const statement of [JOURNAL, ...MIGRATIONS.flatMap((migration) => migration.statements)]) {
      const [, name] = /^CREATE TABLE IF NOT EXISTS (\w+)/.exec(statement) ?? [];
      if (name === undefined) continue;
      const [local, distributed] = ddl(statement, CLUSTER) as [string, string];
      const columns = (sql: string) => sql.slice(sql.indexOf('('), sql.indexOf('\n) ENGINE'));
      expect(columns(local), name).toBe(columns(statement));
      expect(local).toContain(`${name}_local ON CLUSTER 'telemetry'`);
      expect(local).toMatch(
        /ENGINE = Replicated(Replacing|Aggregating)?MergeTree\('\/clickhouse\/tables\/\{uuid\}\/\{shard\}', '\{replica\}'/,
      );
      expect(local).not.toContain('non_replicated');
      if (name !== 'schema_migrations') expect(local).toContain('replicated_deduplication_window = 1000');
      expect(distributed).toMatch(
        new RegExp(
          `^CREATE TABLE IF NOT EXISTS ${name} ON CLUSTER 'telemetry' AS ${name}_local ENGINE = Distributed\\('telemetry', 'otel', '${name}_local', \\S.*\\)$`,
        ),
      );
    }
  });

  it.each([
    ['otel_traces', 'cityHash64(TraceId)'],
    ['otel_logs', 'cityHash64(ServiceName, Timestamp)'],
    ['metric_series', 'series'],
    ['metric_samples', 'series'],
  ])('spreads %s by %s', (table, key) => {
    const statement = MIGRATIONS[0]!.statements.find((each) => each.includes(`EXISTS ${table} (`))!;
    expect(ddl(statement, CLUSTER)[1]).toContain(`'${table}_local', ${key})`);
  });

  it('keeps the version column of a replacing table', () => {
    const statement =
      'CREATE TABLE IF NOT EXISTS t (\n  a UInt8,\n  v UInt64\n) ENGINE = ReplacingMergeTree(v)\nORDER BY a';
    expect(ddl(statement, CLUSTER)[0]).toContain("'{replica}', v)\nORDER BY a");
  });
});

/**
 * There is no cluster here, so one server takes its place: what is replicated is not, and what is distributed reads the
 * one shard that there is.
 */
describe('the schema of one shard', () => {
  const path = mkdtempSync(join(tmpdir(), 'cluster-ddl-'));
  let engine: EmbeddedClickHouse;

  beforeAll(async () => {
    engine = await EmbeddedClickHouse.open({ path, memoryLimitBytes: 1024 ** 3 });
  });
  afterAll(async () => {
    await engine.close();
    rmSync(path, { recursive: true, force: true });
  });

  it('is understood by the engine', async () => {
    const { statements, clickHouse } = recorder();
    await migrate(clickHouse, silent, CLUSTER);
    await applyRetention(clickHouse, { metricsMs: DAY, logsMs: DAY, tracesMs: DAY }, CLUSTER);
    for (const statement of statements.filter((each) => !each.startsWith('INSERT'))) {
      const parameters = { statement };
      expect(await engine.query('SELECT formatQuery({statement:String}) AS text', { parameters })).toHaveLength(1);
    }
  });

  it('feeds its views', async () => {
    const alone = (sql: string) =>
      sql
        .replace(" ON CLUSTER 'telemetry'", '')
        .replace(/Replicated(\w*)MergeTree\('[^']*', '\{replica\}'(?:, )?/, '$1MergeTree(')
        .replace(/replicated_deduplication_window(_seconds)? = \d+, /g, '')
        .replace(/Distributed\('telemetry', '(\w+)', '(\w+)', .*\)$/, "Merge('$1', '^$2$$')");
    for (const statement of MIGRATIONS.flatMap((migration) => migration.statements)) {
      for (const part of ddl(statement, CLUSTER)) await engine.command(alone(part));
    }
    await engine.command(
      `INSERT INTO otel_traces_local (Timestamp, TraceId, SpanName, ServiceName, Duration)
       SELECT toDateTime64('2026-01-02 03:04:05', 9, 'UTC'), 'abc', 'GET /', 'gateway', 1000 FROM numbers(3)`,
    );
    expect(
      await engine.query('SELECT ServiceName AS service, sum(Count) AS count FROM span_metrics GROUP BY service'),
    ).toEqual([{ service: 'gateway', count: 3 }]);
    expect(await engine.query('SELECT DISTINCT TraceId AS id FROM otel_traces_trace_id_ts')).toEqual([{ id: 'abc' }]);
  });
});

describe('a change over a cluster', () => {
  it.each([
    [
      'ALTER TABLE t ADD COLUMN x UInt8',
      [
        "ALTER TABLE t_local ON CLUSTER 'telemetry' ADD COLUMN x UInt8",
        "ALTER TABLE t ON CLUSTER 'telemetry' ADD COLUMN x UInt8",
      ],
    ],
    [
      'ALTER TABLE t ADD INDEX i x TYPE minmax',
      ["ALTER TABLE t_local ON CLUSTER 'telemetry' ADD INDEX i x TYPE minmax"],
    ],
    [
      "ALTER TABLE t DROP PARTITION '2026-01-01'",
      ["ALTER TABLE t_local ON CLUSTER 'telemetry' DROP PARTITION '2026-01-01'"],
    ],
    ['DROP VIEW IF EXISTS v', ["DROP VIEW IF EXISTS v ON CLUSTER 'telemetry'"]],
    [
      'DROP TABLE IF EXISTS t',
      ["DROP TABLE IF EXISTS t ON CLUSTER 'telemetry'", "DROP TABLE IF EXISTS t_local ON CLUSTER 'telemetry'"],
    ],
  ])('%s', (statement, expected) => {
    expect(ddl(statement, CLUSTER)).toEqual(expected);
    expect(ddl(statement, undefined)).toEqual([statement]);
  });

  it('of an unknown kind is refused', () => {
    expect(() => ddl('RENAME TABLE a TO b', CLUSTER)).toThrow(/not known over a cluster: RENAME TABLE a TO b/);
  });
});

it('names lead there and back', () => {
  expect(storedTable('t', CLUSTER)).toBe('t_local');
  expect(queriedTable('t_local')).toBe('t');
  expect(storedTable('t', undefined)).toBe('t');
  expect(queriedTable('t')).toBe('t');
});
