import { invalid, ServiceError } from '../../../model/errors.ts';
import type { Comparison } from '../../rules/alert-rule.ts';
import type { RuleKind } from '../rule-kind.ts';
import { samplesOfRows } from './samples-of-rows.ts';
import { sqlHistory } from './sql-history.ts';

/** SQL over the telemetry tables: a row is an instance. */
export interface SqlCondition {
  readonly kind: 'sql';
  readonly query: string;
  /** Null: whatever rows the query returns are alerts. */
  readonly comparison: Comparison | null;
}

/** The same door as of people's own SQL: one reading statement, bounded in time, rows and memory. */
export const sql: RuleKind<SqlCondition> = {
  name: 'sql',
  raisedBy: 'data',
  fields: ['query', 'threshold'],
  claims: ({ queryLanguage }) => queryLanguage === 'sql',

  prepare({ query }, { comparison }) {
    if (!query) throw invalid({ path: 'query', message: 'give a SELECT whose rows have a column value' });
    return { condition: { kind: 'sql', query, comparison: comparison() }, query };
  },

  async ask({ query }, { signal, timeoutMs }, { sql: door }) {
    if (!door) throw invalid({ path: 'query_language', message: 'there is no SQL here' });
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await door.queryUser(query, { signal: signal ? AbortSignal.any([signal, timeout]) : timeout });
      return { samples: samplesOfRows(answer) };
    } catch (error) {
      if (timeout.aborted && !signal?.aborted) {
        throw new ServiceError('query_timeout', `the query took more than ${timeoutMs / 1000} s`, { cause: error });
      }
      throw error;
    }
  },

  history: ({ query }, options, sources) => sqlHistory(query, options, sources),
  describe: ({ query }) => query,
};
