import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer } from '../../http/index.ts';
import { systemClock } from '../../model/clock.ts';
import { openTelemetryStore, type TelemetryStore } from '../../stores/telemetry/index.ts';
import { queryRoutes, sqlLanguage } from './query.ts';

const DAY = 86_400_000;
const logger = { debug() {}, info() {}, warn() {}, error() {} };
const dataDir = mkdtempSync(join(tmpdir(), 'query-routes-'));
let store: TelemetryStore;
let app: FastifyInstance;

beforeAll(async () => {
  const retention = { metricsMs: DAY, logsMs: DAY, tracesMs: DAY };
  store = await openTelemetryStore({ dataDir, retention, clock: systemClock, logger });
  app = await createHttpServer({
    routes: queryRoutes({ sql: sqlLanguage(store.clickHouse) }),
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
