import { expect, it } from 'vitest';
import { z } from 'zod';
import { type Route, route } from '../http/index.ts';
import { systemClock } from '../model/clock.ts';
import { WarmUp } from './warm-up.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

function counting(): { routes: Route[]; asked: string[] } {
  const asked: string[] = [];
  const routes = (['GET', 'POST'] as const).map((method) =>
    route({
      method,
      path: '/api/v1/query',
      tag: 'test',
      summary: 'Counts',
      scope: 'read',
      query: z.looseObject({}),
      success: { status: 200 },
      handle: ({ request }) => {
        asked.push(`${request.method} ${request.url}`);
        return {};
      },
    }),
  );
  return { routes, asked };
}

it('asks the reading routes of Prometheus API, never the same question, and ends at once when told to', async () => {
  const { routes, asked } = counting();
  const warmUp = new WarmUp(routes, systemClock, silent, 0);
  warmUp.start();
  await expect.poll(() => asked.length).toBeGreaterThan(10);
  await warmUp.stop();
  const { length } = asked;
  expect(asked.every((question) => question.startsWith('GET /api/v1/query?query='))).toBe(true);
  expect(new Set(asked).size).toBe(length);
  await new Promise((resolve) => setImmediate(resolve));
  expect(asked).toHaveLength(length);
});

it('waits while the service is busy', async () => {
  const { routes, asked } = counting();
  const seen = [0.9, 0.8, 0.1];
  const warmUp = new WarmUp(routes, systemClock, silent, 0);
  warmUp.start((since) => ({ idle: 0, active: 0, utilization: since ? seen.shift()! : 1 }));
  await expect.poll(() => asked.length).toBeGreaterThan(0);
  expect(seen).toEqual([]);
  await warmUp.stop();
});
