import type { TimeRange } from '../../../model/time-range.ts';
import type { Call, CallGraph, CallOptions, CallPeer, CallStore, PeerRed } from '../call-store.ts';
import type { ClickHouse, QueryOptions } from '../click-house.ts';
import type { RedOptions } from '../red-store.ts';
import { foldCalls } from './fold-calls.ts';
import { newestPart } from './newest-part.ts';
import { andEnvironment, parametersOf, rows } from './red-conditions.ts';
import { type FigureSource, sourceFor } from './red-figures.ts';
import { SpanCalls } from './span-calls.ts';

/** Spans that are joined at most; beyond, a share of the traces stands for all. */
const MOST_SPANS = 500_000;
const LIMIT = 1000;
/** So close to their parents are the children of most requests. */
const LEAST_SLACK_MS = 10_000;
const USER: CallPeer = { kind: 'user', name: 'user' };

/** Calls from the table of spans, those of users from sums by the minute in long windows. */
export class ClickHouseCallStore implements CallStore {
  readonly #clickHouse: ClickHouse;
  readonly #mostSpans: number;

  constructor(clickHouse: ClickHouse, mostSpans = MOST_SPANS) {
    this.#clickHouse = clickHouse;
    this.#mostSpans = mostSpans;
  }

  async calls(asked: TimeRange, options: CallOptions = {}): Promise<CallGraph> {
    const { environment, pool, signal, newestSpans } = options;
    const scope = environment === undefined ? {} : { environment };
    const how = { ...(pool && { pool }), ...(signal && { signal }) };
    const newest = newestSpans === undefined ? undefined : await newestPart(this.#clickHouse, asked, newestSpans, how);
    const range = newest ?? asked;
    const parameters = { ...parametersOf(range, scope), ...(newest && { slack: LEAST_SLACK_MS }) };
    const queryOptions = { parameters, ...how };
    const andAlso = andEnvironment(rows.environment, scope);
    const spans = await SpanCalls.of(this.#clickHouse, queryOptions, { counted: '1', mostSpans: this.#mostSpans });
    const [between, outside, users] = await Promise.all([
      spans.between({ parents: '1', children: `1${andAlso}`, held: 'children', limit: LIMIT }),
      spans.outside({ callers: '1', andAlso, limit: LIMIT }),
      this.#userCalls(sourceFor(range), scope, queryOptions),
    ]);
    const { calls, peers } = foldCalls(between, outside);
    return {
      calls: [...users.calls, ...calls],
      peers: [...users.peers, ...peers],
      sampledRatio: 1 / spans.every,
    };
  }

  async #userCalls(
    source: FigureSource,
    scope: RedOptions,
    queryOptions: QueryOptions,
  ): Promise<{ calls: Call[]; peers: PeerRed[] }> {
    const found = await this.#clickHouse.query<UserRow>(userCallsSql(source, scope), queryOptions);
    const rowsFound = found
      .filter(({ requests }) => requests > 0)
      .map((row) => ({ row, figures: source.decode(row, APDEX_TARGET_MS) }));
    return {
      calls: rowsFound
        .filter(({ row }) => row.is_total === 0)
        .map(({ row, figures }) => ({ source: USER, target: { kind: 'service', name: row.service }, ...figures })),
      peers: rowsFound.filter(({ row }) => row.is_total === 1).map(({ figures }) => ({ ...USER, ...figures })),
    };
  }
}

const APDEX_TARGET_MS = 500;

interface UserRow {
  readonly service: string;
  readonly is_total: number;
  readonly requests: number;
}

function userCallsSql(source: FigureSource, scope: RedOptions): string {
  return `
SELECT ServiceName AS service, grouping(service) AS is_total, ${source.columns}
${source.from(scope)} AND SpanKind = 'Server' AND ${source.isRoot}
GROUP BY GROUPING SETS ((service), ())
ORDER BY requests DESC, service LIMIT ${LIMIT} BY is_total
SETTINGS max_execution_time = 20`;
}
