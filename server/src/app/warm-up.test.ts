import { expect, it } from 'vitest';
import { z } from 'zod';
import { route } from '../http/index.ts';
import { systemClock } from '../model/clock.ts';
import { WarmUp } from './warm-up.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

it('asks the reading routes of Prometheus API, never the same question, and ends at once when told to', async () => {
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
