import { describe, expect, it } from 'vitest';
import { countLogs, findLog, listLogs } from './log-sql.ts';
import { countLogsByFields, countLogsOverTime } from './log-volume-sql.ts';
import type { Statement } from './sql-parameters.ts';

const range = { start: 1_767_609_600_000, end: 1_767_613_200_000 };
const golden = ({ sql, parameters }: Statement, name: string) =>
  expect(`${sql}\n-- ${JSON.stringify(parameters)}\n`).toMatchFileSnapshot(`__golden__/${name}.sql`);

/** That these statements run, and what they find, is in `log-store.test.ts`. */
describe('SQL of logs', () => {
  it('lists without conditions', () => golden(listLogs({ range }, { order: 'oldest', limit: 100 }), 'list-logs'));

  it('lists from a cursor with every condition', () =>
    golden(
      listLogs(
        {
          range,
          service: "o'hara/shop",
          environment: 'production',
          level: { level: 'warn', andAbove: true },
          traceId: '5b8efff798038103d269b633813fc60c',
          attributes: [
            ['http.route', '/orders'],
            ['flag', ''],
          ],
          filter: {
            kind: 'and',
            operands: [
              { kind: 'text', text: 'timeout', match: 'word' },
              { kind: 'not', operand: { kind: 'text', text: 'Connection refused', match: 'phrase' } },
              {
                kind: 'or',
                operands: [
                  { kind: 'text', text: 'conn*ed', match: 'wildcard' },
                  { kind: 'text', text: 'E[0-9]+', match: 'regex' },
                  { kind: 'text', text: 'Größe', match: 'word' },
                ],
              },
              { kind: 'field', field: 'level', operator: '<', value: 'fatal', match: 'word' },
              { kind: 'field', field: 'http.status', operator: '>=', value: '500', match: 'word' },
              { kind: 'field', field: 'http.route', operator: '=', value: '/a_*', match: 'wildcard' },
              { kind: 'field', field: 'user', operator: '=', value: '^a', match: 'regex' },
              { kind: 'field', field: 'trace_id', operator: '=', value: 'ABC*', match: 'wildcard' },
            ],
          },
        },
        { order: 'newest', limit: 50, after: { time: '1767609600123456789', hash: '42', seen: 2 } },
      ),
      'list-logs-filtered',
    ));

  it('counts', () =>
    golden(countLogs({ range, filter: { kind: 'text', text: 'timeout', match: 'word' } }, 1000), 'count-logs'));

  it('counts by several fields', () =>
    golden(
      countLogsByFields({ range }, { fields: ['service', 'http.route'], stepMs: 300_000, limit: 500 }),
      'count-logs-by-fields',
    ));

  it('counts over time', () =>
    golden(
      countLogsOverTime({ range, service: 'shop' }, { field: 'http.route', stepMs: 60_000, limit: 5 }),
      'count-logs-over-time',
    ));

  it('finds one', () => golden(findLog({ timeUnixNano: 1_767_609_600_123_456_789n, hash: 42n }), 'find-log'));
});
