import { setImmediate } from 'node:timers/promises';
import { z } from 'zod';
import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import type { LogFilter } from '../../model/log-filter.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { highlighter, parseSearch } from '../../query/search/index.ts';
import type { LogPosition, LogSelection, LogStore, StoredLog } from '../../stores/telemetry/index.ts';
import {
  type LogAnalytics,
  type LogList,
  type LogSearchResult,
  logAnalytics,
  logAnalyticsParameters,
  logLevelParameters,
  logList,
  logListParameters,
  logSearchParameters,
  logSearchResult,
  logServiceParameters,
  logsOfLevelParameters,
  logsOfServiceParameters,
  MAX_LOG_SLOTS,
} from '../contract/logs.ts';
import { type Listing, openListing } from '../listing.ts';
import { resolveWindow } from '../window.ts';
import { showLog } from './log-views.ts';

export interface LogRoutesDependencies {
  readonly logs: LogStore;
  readonly clock: Clock;
}

type ListQuery = z.output<typeof logListParameters>;

/** Records are counted up to here: it is told whether there are more. */
const MAX_TOTAL = 100_000;

const decimal = z.string().regex(/^\d{1,20}$/);
const position = z.object({ time: decimal, hash: decimal, seen: z.int().min(1).max(4_000_000_000) });
/** A search counts once, for its first page. */
const searchPosition = position.extend({ count: z.int().nonnegative(), isExact: z.boolean() });

/** Listing and searching log records. */
export function logRoutes({ logs, clock }: LogRoutesDependencies): Route[] {
  const tag = 'logs';

  async function list(query: ListQuery, signal: AbortSignal): Promise<LogList> {
    const listing = openListing(query, position, clock.now());
    const page = await logs.list(selectionOf(query, listing.range), { ...optionsOf(query, listing), signal });
    return { items: page.records.map(showLog), next_cursor: listing.cursorAt(page.next) };
  }

  return [
    route({
      method: 'GET',
      path: '/api/logs',
      tag,
      summary: 'Log records, newest first',
      scope: 'read',
      query: logListParameters,
      success: { status: 200, schema: logList },
      handle: ({ query, signal }) => list(query, signal),
    }),
    route({
      method: 'GET',
      path: '/api/logs/search',
      tag,
      summary: 'Search log records',
      scope: 'read',
      query: logSearchParameters,
      success: { status: 200, schema: logSearchResult },
      handle: async ({ query, signal }): Promise<LogSearchResult> => {
        const began = clock.now();
        const filter = parseSearch(query.q);
        const listing = openListing(query, searchPosition, began);
        const selection = selectionOf(query, listing.range, filter);
        const [page, total] = await Promise.all([
          logs.list(selection, { ...optionsOf(query, listing), signal }),
          listing.after ?? logs.count(selection, MAX_TOTAL, signal),
        ]);
        return {
          items: await showFound(page.records, highlighter(filter), signal),
          next_cursor: listing.cursorAt(page.next && { ...page.next, count: total.count, isExact: total.isExact }),
          total: total.count,
          total_is_exact: total.isExact,
          took_ms: clock.now() - began,
        };
      },
    }),
    route({
      method: 'GET',
      path: '/api/logs/analytics',
      tag,
      summary: 'How many log records there are over time, by the values of a field',
      scope: 'read',
      query: logAnalyticsParameters,
      success: { status: 200, schema: logAnalytics },
      handle: async ({ query, signal }): Promise<LogAnalytics> => {
        const range = resolveWindow(query, clock.now());
        const stepMs = stepOf(query.step, range);
        const selection = selectionOf(query, range, query.q ? parseSearch(query.q) : undefined);
        const options = { field: query.group_by, stepMs, limit: query.limit, signal };
        const { total, groups } = await logs.volume(selection, options);
        return {
          start: formatInstant(range.start),
          end: formatInstant(range.end),
          step_seconds: stepMs / 1000,
          total,
          groups: groups.map(({ value, count, points }) => ({
            value,
            count,
            points: points.map(([slot, inSlot]): [number, number] => [slot / 1000, inSlot]),
          })),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/api/logs/service/{service_name}',
      tag,
      summary: 'Log records of one service, newest first',
      scope: 'read',
      params: logServiceParameters,
      query: logsOfServiceParameters,
      success: { status: 200, schema: logList },
      handle: ({ params, query, signal }) => list({ ...query, service: params.service_name }, signal),
    }),
    route({
      method: 'GET',
      path: '/api/logs/level/{log_level}',
      tag,
      summary: 'Log records of one level (`warn`) or of that and above (`warn+`), newest first',
      scope: 'read',
      params: logLevelParameters,
      query: logsOfLevelParameters,
      success: { status: 200, schema: logList },
      handle: ({ params, query, signal }) => list({ ...query, level: params.log_level }, signal),
    }),
  ];
}

/** About this many slots where the request names no step. */
const SLOTS = 90;

function stepOf(asked: number | undefined, range: TimeRange): number {
  const length = range.end - range.start;
  const step = asked ?? Math.max(1000, Math.ceil(length / SLOTS / 1000) * 1000);
  if (length / step <= MAX_LOG_SLOTS) return step;
  throw invalid({ path: 'step', message: `gives more than ${MAX_LOG_SLOTS} slots; use a longer one` });
}

type SelectionQuery = Pick<ListQuery, 'service' | 'environment' | 'level' | 'trace_id' | 'attribute'>;

function selectionOf(query: SelectionQuery, range: TimeRange, filter?: LogFilter): LogSelection {
  const { service, environment, level, trace_id, attribute } = query;
  return {
    range,
    ...(service !== undefined && { service }),
    ...(environment !== undefined && { environment }),
    ...(level !== undefined && { level }),
    ...(trace_id !== undefined && { traceId: trace_id }),
    ...(attribute !== undefined && { attributes: attribute }),
    ...(filter !== undefined && { filter }),
  };
}

function optionsOf({ order, limit }: ListQuery, { after }: Listing<LogPosition>) {
  return { order, limit, ...(after && { after }) };
}

type FoundLog = LogSearchResult['items'][number];

/** Characters that are searched for highlights in one turn of the event loop. */
const TURN = 65_536;

async function showFound(
  records: readonly StoredLog[],
  highlight: ReturnType<typeof highlighter>,
  signal: AbortSignal,
): Promise<FoundLog[]> {
  const items: FoundLog[] = [];
  let searched = 0;
  for (const record of records) {
    const ranges = highlight(record.body).map(([start, end]): [number, number] => [start, end]);
    items.push({ ...showLog(record), highlights: ranges.length > 0 ? [{ field: 'message', ranges }] : [] });
    searched += record.body.length;
    if (searched < TURN) continue;
    searched = 0;
    await setImmediate(undefined, { signal });
  }
  return items;
}
