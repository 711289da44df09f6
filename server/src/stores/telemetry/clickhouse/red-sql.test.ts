import { expect, it } from 'vitest';
import type { ClickHouse, QueryOptions } from '../click-house.ts';
import type { RedStore } from '../red-store.ts';
import { ClickHouseCallStore } from './click-house-call-store.ts';
import { ClickHouseRedStore } from './click-house-red-store.ts';

const HOUR = 3_600_000;
const start = Date.UTC(2026, 0, 5, 12);
const range = { start, end: start + HOUR };

/** The statements of a question, for the eye; the tests of the stores run them. */
async function statementsOf(ask: (clickHouse: ClickHouse) => Promise<unknown>): Promise<string> {
  const statements: string[] = [];
  const recorder = {
    query: async (sql: string, options?: QueryOptions) => {
      statements.push(`${sql.trim()}\n-- ${JSON.stringify(options?.parameters)}\n`);
      return [];
    },
  } as unknown as ClickHouse;
  await ask(recorder);
  return statements.join('\n');
}

it.each<[string, (store: RedStore) => Promise<unknown>]>([
  ['red-services', (store) => store.services(range)],
  ['red-services-long', (store) => store.services({ start, end: start + 3 * HOUR }, { environment: 'production' })],
  ['red-series', (store) => store.series('shop', range, 30_000, { apdexTargetMs: 250 })],
  ['red-dependencies', (store) => store.dependencies('shop', range, { environment: 'production' })],
  ['red-errors', (store) => store.topErrors('shop', range)],
  ['red-presence', (store) => store.presence(range, { service: 'shop', environment: 'production' })],
])('%s', async (name, ask) => {
  const statements = await statementsOf((clickHouse) => ask(new ClickHouseRedStore(clickHouse)));
  await expect(statements).toMatchFileSnapshot(`__golden__/${name}.sql`);
});

it.each([
  ['calls', range, undefined],
  ['calls-long', { start, end: start + 3 * HOUR }, 'production'],
])('%s', async (name, window, environment) => {
  const statements = await statementsOf((clickHouse) =>
    new ClickHouseCallStore(clickHouse).calls(window, { environment }),
  );
  await expect(statements).toMatchFileSnapshot(`__golden__/${name}.sql`);
});
