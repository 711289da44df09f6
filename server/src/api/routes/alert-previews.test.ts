import type { FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AlertingBench } from '../../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../../tests/support/control-stores.ts';
import { createHttpServer } from '../../http/index.ts';
import type { Logger } from '../../model/logger.ts';
import { alertPreviewRoutes } from './alert-previews.ts';
import { alertRoutes } from './alerts.ts';

const logger: Logger = {
  debug() {},
  info() {},
  warn() {},
  error: (fields) => process.stderr.write(JSON.stringify(fields)),
};

let bench: AlertingBench;
let app: FastifyInstance;

beforeEach(async () => {
  bench = await AlertingBench.create(controlBackends().find(({ name }) => name === 'sqlite')!);
  const { alerting, clock } = bench;
  app = await createHttpServer({
    routes: [...alertRoutes({ alerting, clock }), ...alertPreviewRoutes({ alerting, clock })],
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
afterEach(async () => {
  await app.close();
  await bench.drop();
});

async function call(method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) {
  const response = await app.inject({ method, url, ...(payload && { payload }) });
  return { status: response.statusCode, body: response.json() };
}

describe('a preview', () => {
  it('says what would have fired, and who would have heard, and saves nothing', async () => {
    bench.figures.set('jobs_waiting', 7);
    const { status, body } = await call('POST', '/api/alerts/preview', {
      name: 'Jobs wait',
      metric: 'jobs_waiting',
      threshold: 3,
      interval: '1m',
      start: 'now-1h',
      time_zone: 'Europe/Paris',
    });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      query: 'jobs_waiting',
      step_seconds: 60,
      is_thinned: false,
      series: 1,
      would_have_fired: 1,
      is_cut: false,
    });
    expect(body.episodes).toMatchObject([{ severity: 'warning', end: null, peak: 7 }]);
    expect(body.told).toMatchObject([{ receiver: 'default', times: 1 }]);
    expect((await call('GET', '/api/alerts')).body.items).toEqual([]);
  });

  it.each([
    [{ name: 'A', metric: 'x', threshold: 1, time_zone: 'Mars' }, 'time_zone'],
    [{ name: 'A', metric: 'x', threshold: 1, start: 'now', end: 'now-1h' }, 'start'],
    [{ name: 'A', metric: 'x', threshold: 1, start: 'now-200d' }, 'start'],
    [{ name: 'A', query: 'rate(x)', threshold: 1 }, 'query'],
    [{ name: 'A' }, 'threshold'],
  ])('refuses %j, naming the field', async (form, path) => {
    const { status, body } = await call('POST', '/api/alerts/preview', form);
    expect(status).toBe(422);
    expect(body.errors).toMatchObject([{ path }]);
  });
});

describe('versions', () => {
  it('are kept, and set back to as a new one', async () => {
    bench.figures.set('jobs_waiting', 1);
    const { body: made } = await call('POST', '/api/alerts', {
      name: 'Jobs wait',
      metric: 'jobs_waiting',
      threshold: 3,
    });
    await call('PUT', `/api/alerts/${made.id}`, { threshold: 9, severity: 'critical' });
    const { body: versions } = await call('GET', `/api/alerts/${made.id}/versions`);
    expect(versions.items).toMatchObject([
      { version: 2, threshold: 9, severity: 'critical' },
      { version: 1, threshold: 3, severity: 'warning', definition: { metric: 'jobs_waiting' } },
    ]);
    const { status, body } = await call('POST', `/api/alerts/${made.id}/versions/1/restore`);
    expect(status).toBe(200);
    expect(body).toMatchObject({ version: 3, threshold: 3, severity: 'warning' });
    expect((await call('GET', `/api/alerts/${made.id}`)).body).toMatchObject({ version: 3, threshold: 3 });
    expect((await call('POST', `/api/alerts/${made.id}/versions/7/restore`)).status).toBe(404);
    expect((await call('GET', '/api/alerts/nobody/versions')).status).toBe(404);
  });
});
