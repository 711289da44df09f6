import { z } from 'zod';
import { type Route, route } from '../../http/index.ts';
import type { Clock } from '../../model/clock.ts';
import { notFound } from '../../model/errors.ts';
import type { LogStore, StoredTrace, TracePosition, TraceSelection, TraceStore } from '../../stores/telemetry/index.ts';
import {
  type TraceDetail,
  type TraceList,
  traceDetail,
  traceList,
  traceListParameters,
  traceParameters,
  traceServiceParameters,
  tracesOfServiceParameters,
} from '../contract/traces.ts';
import { type Listing, openListing } from '../listing.ts';
import { extentOf, showTrace, showTraceDetail } from './trace-views.ts';

export interface TraceRoutesDependencies {
  readonly traces: TraceStore;
  readonly logs: LogStore;
  readonly clock: Clock;
}

type ListQuery = z.output<typeof traceListParameters>;

const MAX_LOGS = 1000;
/** How far a trace's records are looked for around its spans: clocks differ, work goes on after the last span. */
const LOGS_BEFORE = 300_000;
const LOGS_AFTER = 3_600_000;

const position = z.object({
  key: z.string().regex(/^-?\d{1,19}$/),
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
});

/** Listing traces, and reading one with its logs. */
export function traceRoutes({ traces, logs, clock }: TraceRoutesDependencies): Route[] {
  const tag = 'traces';

  async function list(query: ListQuery, signal: AbortSignal): Promise<TraceList> {
    const listing = openListing(query, position, clock.now());
    const { sort, limit } = query;
    const { after } = listing;
    const page = await traces.list(selectionOf(query, listing), { sort, limit, ...(after && { after }), signal });
    return { items: page.traces.map(showTrace), next_cursor: listing.cursorAt(page.next) };
  }

  async function logsOf(traceId: string, { spans }: StoredTrace, signal: AbortSignal) {
    const { start, end } = extentOf(spans);
    const range = {
      start: Number(start / 1_000_000n) - LOGS_BEFORE,
      end: Number(end / 1_000_000n) + LOGS_AFTER,
    };
    const page = await logs.list({ range, traceId }, { order: 'oldest', limit: MAX_LOGS, signal });
    return { records: page.records, isTruncated: page.next !== undefined };
  }

  return [
    route({
      method: 'GET',
      path: '/api/traces',
      tag,
      summary: 'Traces that began in the window, newest or slowest first',
      description:
        '`service`, `operation`, `environment` and `attribute` ask for one span that fulfils all of them; `status` and the durations are about the trace as a whole.',
      scope: 'read',
      query: traceListParameters,
      success: { status: 200, schema: traceList },
      handle: ({ query, signal }) => list(query, signal),
    }),
    route({
      method: 'GET',
      path: '/api/traces/{trace_id}',
      tag,
      summary: 'One trace: its spans and its logs',
      scope: 'read',
      params: traceParameters,
      success: { status: 200, schema: traceDetail },
      handle: async ({ params, signal }): Promise<TraceDetail> => {
        const traceId = params.trace_id;
        const trace = await traces.get(traceId, signal);
        if (!trace) throw notFound(`no span of the trace ${traceId} is stored: not yet, or not any more`);
        return showTraceDetail(traceId, trace, await logsOf(traceId, trace, signal));
      },
    }),
    route({
      method: 'GET',
      path: '/api/traces/service/{service_name}',
      tag,
      summary: 'Traces that one service took part in, newest or slowest first',
      scope: 'read',
      params: traceServiceParameters,
      query: tracesOfServiceParameters,
      success: { status: 200, schema: traceList },
      handle: ({ params, query, signal }) => list({ ...query, service: params.service_name }, signal),
    }),
  ];
}

function selectionOf(query: ListQuery, { range }: Listing<TracePosition>): TraceSelection {
  const { service, environment, operation, attribute, min_duration_ms, max_duration_ms, status } = query;
  return {
    range,
    ...(service !== undefined && { service }),
    ...(environment !== undefined && { environment }),
    ...(operation !== undefined && { operation }),
    ...(attribute !== undefined && { attributes: attribute }),
    ...(min_duration_ms !== undefined && { minDurationMs: min_duration_ms }),
    ...(max_duration_ms !== undefined && { maxDurationMs: max_duration_ms }),
    ...(status !== undefined && { status }),
  };
}
