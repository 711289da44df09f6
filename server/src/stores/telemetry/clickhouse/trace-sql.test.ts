import { describe, expect, it } from 'vitest';
import type { Statement } from './sql-parameters.ts';
import { readTrace, selectTraces, summarizeTraces } from './trace-sql.ts';

const range = { start: 1_767_609_600_000, end: 1_767_613_200_500 };
const golden = ({ sql, parameters }: Statement, name: string) =>
  expect(`${sql}\n-- ${JSON.stringify(parameters)}\n`).toMatchFileSnapshot(`__golden__/${name}.sql`);

/** That these statements run, and what they find, is in `trace-store.test.ts`. */
describe('SQL of traces', () => {
  it('selects the newest', () =>
    golden(selectTraces({ range }, { sort: 'newest', rows: 101 }), 'select-traces-newest'));

  it('selects the slowest', () =>
    golden(selectTraces({ range }, { sort: 'slowest', rows: 101 }), 'select-traces-slowest'));

  it('selects from a cursor with every condition', () =>
    golden(
      selectTraces(
        {
          range,
          service: 'espice/orders',
          environment: 'production',
          operation: "GET /o'hara",
          attributes: [
            ['http.route', '/orders'],
            ['flag', ''],
          ],
          minDurationMs: 1.5,
          maxDurationMs: 2000,
          status: 'error',
        },
        {
          sort: 'newest',
          rows: 101,
          after: { key: '1767609600123456789', traceId: '5b8efff798038103d269b633813fc60c' },
        },
      ),
      'select-traces-filtered',
    ));

  it('summarizes', () => golden(summarizeTraces(['5b8efff798038103d269b633813fc60c']), 'summarize-traces'));

  it('reads one', () => golden(readTrace('5b8efff798038103d269b633813fc60c', 10_001), 'read-trace'));
});
