import { type Route, route } from '../../http/index.ts';
import { invalid } from '../../model/errors.ts';
import type { ClickHouse } from '../../stores/telemetry/index.ts';
import { type QueryAnswer, type QueryRequest, queryAnswer, queryRequest } from '../contract/query.ts';

/** Answers a query in one language; bounded in time, rows and memory by itself. */
export type QueryLanguage = (request: QueryRequest, signal: AbortSignal) => Promise<QueryAnswer>;

/** SQL over the telemetry tables: one reading statement. */
export function sqlLanguage(clickHouse: Pick<ClickHouse, 'queryUser'>): QueryLanguage {
  return async ({ query, ...others }, signal) => {
    const given = Object.entries(others).filter(([name, value]) => name !== 'language' && value !== undefined);
    if (given.length > 0) throw invalid(...given.map(([path]) => ({ path, message: 'is for PromQL' })));
    const answer = await clickHouse.queryUser(query, { signal });
    return {
      columns: answer.columns.map(({ name, type }) => ({ name, type })),
      rows: answer.rows.map((row) => [...row]),
      stats: { rows_read: answer.rowsRead, bytes_read: answer.bytesRead, elapsed_ms: answer.elapsedMs },
    };
  };
}

/** One door to every query language; `languages` by the name that a request gives. */
export function queryRoutes(languages: Readonly<Record<string, QueryLanguage>>): Route[] {
  const known = Object.keys(languages).join(', ');
  return [
    route({
      method: 'POST',
      path: '/api/query',
      tag: 'query',
      summary: 'Run a query',
      description: `Read-only and bounded in time, rows and memory. Languages: ${known}.`,
      scope: 'read',
      body: queryRequest,
      success: { status: 200, schema: queryAnswer },
      async handle({ body, signal }) {
        const answer = Object.hasOwn(languages, body.language) ? languages[body.language] : undefined;
        if (!answer) throw invalid({ path: 'language', message: `is "${body.language}"; known: ${known}` });
        return await answer(body, signal);
      },
    }),
  ];
}
