import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer } from '../../http/index.ts';
import { systemClock } from '../../model/clock.ts';
import { createPromqlEngine, type SeriesSource } from '../../query/promql/index.ts';
import { openTelemetryStore, type TelemetryStore } from '../../stores/telemetry/index.ts';
import { promqlLanguage } from '../promql-language.ts';
import { queryRoutes, sqlLanguage } from './query.ts';

const DAY = 86_400_000;
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const dataDir = mkdtempSync(join(tmpdir(), 'query-routes-'));
let store: TelemetryStore;
let app: FastifyInstance;

/** Signals of the reads that wait: of the metric `slow` there is never an answer. */
const waiting: AbortSignal[] = [];
const source: SeriesSource = {
  async select(matchers, range, { signal }) {
    if (matchers.some(({ value }) => value === 'slow')) {
      waiting.push(signal!);
      await new Promise((_resolve, reject) => signal!.addEventListener('abort', () => reject(signal!.reason)));
    }
    const timestamps = Float64Array.of(range.end - 60_000, range.end);
    return ['a', 'b'].map((job, index) => ({
      labels: { __name__: 'jobs', job },
      timestamps,
      values: Float64Array.of(index, Number.NaN),
    }));
  },
};
const engine = createPromqlEngine({ source, clock: systemClock });

beforeAll(async () => {
  const retention = { metricsMs: DAY, logsMs: DAY, tracesMs: DAY };
  store = await openTelemetryStore({ dataDir, retention, clock: systemClock, logger });
  app = await createHttpServer({
    routes: queryRoutes({ sql: sqlLanguage(store.clickHouse), promql: promqlLanguage({ engine, clock: systemClock }) }),
    guards: {
      authenticator: { open: true, authenticate: async () => undefined },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger,
    trustProxy: false,
    checkAnswers: true,
  });
});

afterAll(async () => {
  await app.close();
  await store.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function post(payload: object) {
  const answer = await app.inject({ method: 'POST', url: '/api/query', payload });
  return { status: answer.statusCode, body: answer.json() };
}

describe('POST /api/query', () => {
  it('answers SQL with columns, rows and what was read', async () => {
    const query = "SELECT toUInt64(7) AS small, toUInt64(18446744073709551615) AS large, nan AS none, 'ü' AS text";
    const { status, body } = await post({ language: 'sql', query });
    expect(status).toBe(200);
    expect(body).toEqual({
      columns: [
        { name: 'small', type: 'UInt64' },
        { name: 'large', type: 'UInt64' },
        { name: 'none', type: 'Float64' },
        { name: 'text', type: 'String' },
      ],
      rows: [[7, '18446744073709551615', null, 'ü']],
      stats: { rows_read: 1, bytes_read: 1, elapsed_ms: expect.any(Number) },
    });
  });

  it('reads the telemetry tables', async () => {
    const { body } = await post({ language: 'sql', query: 'SELECT count() FROM otel_logs' });
    expect(body.rows).toEqual([[0]]);
  });

  it.each([
    [{ language: 'sql', query: 'SELECT nope' }, 'query', /nope/],
    [{ language: 'sql', query: 'DROP TABLE otel_logs' }, 'query', /only read/],
    [{ language: 'sql', query: 'SELECT * FROM numbers(20000)' }, 'query', /too large/],
    [{ language: 'sql', query: ' ' }, 'query', /must not be empty/],
    [{ language: 'cobol', query: 'SELECT 1' }, 'language', /sql/],
    [{ language: 'sql' }, 'query', /./],
    [{ language: 'sql', query: 'SELECT 1', stepp: 1 }, 'stepp', /./],
  ])('refuses %j', async (payload, path, message) => {
    const { status, body } = await post(payload);
    expect(status).toBe(422);
    expect(body.errors).toEqual([{ path, message: expect.stringMatching(message) }]);
  });
});

describe('PromQL at POST /api/query', () => {
  const time = '2026-01-05T10:00:00.000Z';

  it('answers a row a point, and what each part gives where it is asked', async () => {
    const query = 'count_over_time(jobs[5m])';
    const { status, body } = await post({ language: 'promql', query, time, explain: true });
    expect(status).toBe(200);
    expect(body.columns.map(({ name }: { name: string }) => name)).toEqual(['labels', 'timestamp', 'value']);
    expect(body.rows).toEqual([
      [{ job: 'a' }, time, 2],
      [{ job: 'b' }, time, 2],
    ]);
    expect(body.stats.rows_read).toBe(4);
    expect(body.explain.nodes.map(({ text, series }: { text: string; series: number }) => [text, series])).toEqual([
      [query, 2],
      ['jobs[5m]', 2],
      ['jobs', 2],
    ]);
    const steps = { start: '2026-01-05T09:58:00Z', end: time, step: 60 };
    const range = await post({ language: 'promql', query: 'vector(0 / 0)', ...steps });
    expect(range.body.rows).toEqual(
      ['09:58', '09:59', '10:00'].map((minute) => [{}, `2026-01-05T${minute}:00.000Z`, null]),
    );
    expect(range.body).not.toHaveProperty('explain');
  });

  it('says what is wrong', async () => {
    expect((await post({ language: 'promql', query: 'sum(' })).body.detail).toMatch(/1:5|unexpected/);
    expect((await post({ language: 'promql', query: 'up', start: time })).body.detail).toContain('step: is needed');
    expect((await post({ language: 'sql', query: 'SELECT 1', explain: true })).body.detail).toBe(
      'explain: is for PromQL',
    );
    const many = { start: '2026-01-01T00:00:00Z', end: '2026-01-02T00:00:00Z', step: '1s' };
    expect(await post({ language: 'promql', query: 'vector(1)', ...many })).toMatchObject({ status: 422 });
  });

  it('stops reading when the client leaves', async () => {
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const controller = new AbortController();
    const request = fetch(`${url}/api/query`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ language: 'promql', query: 'sum(slow)' }),
      signal: controller.signal,
    });
    await expect.poll(() => waiting.length).toBe(1);
    controller.abort();
    await expect(request).rejects.toThrow();
    await expect.poll(() => waiting[0]!.aborted).toBe(true);
  });
});
