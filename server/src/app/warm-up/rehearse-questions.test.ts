import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { type Route, route } from '../../http/index.ts';
import { systemClock } from '../../model/clock.ts';
import { rehearseQuestions } from './rehearse-questions.ts';

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
  const stopped = new AbortController();
  const running = rehearseQuestions(routes, systemClock, silent)(stopped.signal);
  await expect.poll(() => asked.length).toBeGreaterThan(10);
  stopped.abort();
  await running;
  const { length } = asked;
  expect(asked.every((question) => question.startsWith('GET /api/v1/query?query='))).toBe(true);
  expect(new Set(asked).size).toBe(length);
  await nextTurn();
  expect(asked).toHaveLength(length);
});
