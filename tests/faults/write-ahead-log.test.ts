import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../server/src/model/clock.ts';
import { openTelemetryStore, type TelemetryStore } from '../../server/src/stores/telemetry/index.ts';
import { eventually } from '../support/eventually.ts';
import { faultRounds } from '../support/fault-rounds.ts';
import { logOf } from '../support/log-builder.ts';

/** A process writes spans, logs and samples as fast as it can, and is killed; what it was told is stored is counted. */
const CHILD = fileURLToPath(new URL('../support/telemetry-writer.ts', import.meta.url));
const ROWS = 20;
const KILLS = faultRounds(50);
const DAMAGES = faultRounds(2);
const FAILURES = faultRounds(2);
const MONTH = 30 * 86_400_000;
const TABLES = ['otel_traces', 'otel_logs', 'metric_samples'] as const;

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'system-service-log-'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const logFolder = () => join(dataDir, 'telemetry', 'log');

/** Batches that were acknowledged before the process was killed, `afterMs` after its first or after its start. */
async function writeUntilKilled(round: number, afterMs: number, from: 'start' | 'first'): Promise<string[]> {
  const child = spawn(process.execPath, [CHILD, dataDir, String(round), String(ROWS), 'log'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  if (from === 'start') setTimeout(() => child.kill('SIGKILL'), afterMs);
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const { writer, batch } = JSON.parse(line) as { writer: string; batch: number };
    acknowledged.push(`${writer}/${batch}`);
    if (from === 'first' && acknowledged.length === 1) setTimeout(() => child.kill('SIGKILL'), afterMs);
  }
  return acknowledged;
}

const openStore = (logger: { error?: (details: unknown) => void } = {}): Promise<TelemetryStore> =>
  openTelemetryStore({
    dataDir,
    retention: { metricsMs: MONTH, logsMs: MONTH, tracesMs: MONTH },
    acknowledge: { by: 'log', fsync: '1s' },
    clock: systemClock,
    logger: { debug() {}, info() {}, warn() {}, error() {}, ...logger },
  });

const BATCH_OF: Record<(typeof TABLES)[number], string> = {
  otel_traces: "concat(ServiceName, '/', SpanAttributes['batch'])",
  otel_logs: "concat(ServiceName, '/', LogAttributes['batch'])",
  metric_samples: "concat(metric, '/', toString(value))",
};

/** Rows by batch, in all three tables. */
async function stored(store: TelemetryStore, table: (typeof TABLES)[number]): Promise<Map<string, number>> {
  const sql = `SELECT ${BATCH_OF[table]} AS batch, count() AS rows FROM ${table} GROUP BY batch`;
  const rows = await store.clickHouse.query<{ batch: string; rows: number }>(sql);
  return new Map(rows.map(({ batch, rows }) => [batch, rows]));
}

async function expectExactlyOnce(store: TelemetryStore, acknowledged: ReadonlySet<string>): Promise<void> {
  for (const table of TABLES) {
    const counts = await stored(store, table);
    expect([table, [...counts].filter(([, rows]) => rows !== ROWS)]).toEqual([table, []]);
    expect([table, [...acknowledged].filter((batch) => !counts.has(batch))]).toEqual([table, []]);
  }
}

describe('the write-ahead log under kill -9', () => {
  it(`stores every acknowledged batch exactly once, over ${KILLS} kills`, { timeout: KILLS * 10_000 }, async () => {
    const acknowledged = new Set<string>();
    for (let round = 0; round < KILLS; round++) {
      // Every fourth one dies while it starts, in the middle of its replay for instance.
      const isStart = round % 4 === 3;
      const afterMs = Math.random() * (isStart ? 900 : 1500);
      for (const batch of await writeUntilKilled(round, afterMs, isStart ? 'start' : 'first')) acknowledged.add(batch);
    }
    expect(acknowledged.size).toBeGreaterThan(KILLS);
    const store = await openStore();
    try {
      expect(await store.flush()).toBe(true);
      await expectExactlyOnce(store, acknowledged);
      expect(store.logged).toMatchObject({ damage: [], failures: {}, setAsideRows: 0 });
    } finally {
      await store.close();
    }
    expect(readdirSync(logFolder())).toEqual([]);
  });

  it.for(Array.from({ length: DAMAGES }, (_, round) => round))(
    'says exactly what a damaged log has lost, and stores the rest once: %i',
    async (round) => {
      const acknowledged = await writeUntilKilled(0, 700, 'first');
      const [newest] = readdirSync(logFolder()).sort().reverse();
      const file = join(logFolder(), newest!);
      const bytes = readFileSync(file);
      const places = round === 0 ? [0.3, 0.5, 0.7] : Array.from({ length: 3 }, () => 0.3 + 0.6 * Math.random());
      for (const place of places) bytes[Math.floor(bytes.length * place)]! ^= 0xff;
      writeFileSync(file, bytes);
      const store = await openStore();
      try {
        await store.flush();
        const { damage } = store.logged!;
        expect(damage.length).toBeGreaterThan(0);
        const lost = damage.reduce((sum, { rows }) => sum + (rows ?? Number.NaN), 0);
        let missing = 0;
        for (const table of TABLES) {
          const counts = await stored(store, table);
          expect([...counts].filter(([, rows]) => rows !== ROWS)).toEqual([]);
          missing += acknowledged.filter((batch) => !counts.has(batch)).length * ROWS;
        }
        // What was lost and not acknowledged is in the count as well, and a series' own row.
        expect(missing).toBeLessThanOrEqual(lost);
        expect(lost - missing).toBeLessThanOrEqual(3 * 3 * ROWS);
      } finally {
        await store.close();
      }
      expect(readdirSync(logFolder())).toEqual([expect.stringMatching(/\.log\.damaged$/)]);
    },
  );
});

describe('an engine that fails', () => {
  it('gets what was accepted meanwhile as soon as it works again', async () => {
    const store = await openStore();
    try {
      for (let round = 1; round <= FAILURES; round++) {
        await store.clickHouse.command('RENAME TABLE otel_logs TO hidden_logs');
        for (let batch = 0; batch < 5; batch++) {
          await store.writeLogs([logOf({ at: Date.now(), body: `line ${batch}` })]);
        }
        expect(await store.flush()).toBe(false);
        expect(store.logged!.failures).toEqual({ otel_logs: expect.any(String) });
        await store.clickHouse.command('RENAME TABLE hidden_logs TO otel_logs');
        await eventually(async () => {
          const [row] = await store.clickHouse.query<{ rows: number }>('SELECT count() AS rows FROM otel_logs');
          expect(row).toEqual({ rows: 5 * round });
          // Rows are seen before the log has noted that they are there.
          expect(store.logged!.failures).toEqual({});
        });
      }
    } finally {
      await store.close();
    }
  });
});
