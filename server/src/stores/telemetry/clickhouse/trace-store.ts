import type { SpanKind, SpanStatus, StoredSpan } from '../../../model/span.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { ClickHouse } from '../click-house.ts';
import type {
  StoredTrace,
  TraceListOptions,
  TracePage,
  TracePosition,
  TraceSelection,
  TraceStore,
  TraceSummary,
} from '../trace-store.ts';
import {
  type FoundTrace,
  readTrace,
  type SpanRow,
  type SummaryRow,
  selectTraces,
  summarizeTraces,
} from './trace-sql.ts';

const MAX_SPANS = 10_000;
/** The newest traces are looked for in growing slices of the window, so that a long one is not read in vain. */
const FIRST_SLICE = 300_000;
const SLICE_GROWTH = 4;
const MILLISECOND = 1_000_000n;

/** Reads traces from `otel_traces`, helped by `otel_traces_trace_id_ts`. */
export class ClickHouseTraceStore implements TraceStore {
  readonly #clickHouse: ClickHouse;

  constructor(clickHouse: ClickHouse) {
    this.#clickHouse = clickHouse;
  }

  async list(selection: TraceSelection, options: TraceListOptions): Promise<TracePage> {
    const listed: ListedTrace[] = [];
    for (const range of slices(selection.range, options)) {
      await this.#collect({ ...selection, range }, options, listed);
      if (listed.length > options.limit) break;
    }
    const page = listed.slice(0, options.limit);
    const traces = page.map((trace) => trace.summary);
    return listed.length > page.length ? { traces, next: page.at(-1)!.position } : { traces };
  }

  /** Adds traces of a slice until there is one more than a page holds. */
  async #collect(slice: TraceSelection, options: TraceListOptions, listed: ListedTrace[]): Promise<void> {
    const rows = options.limit + 1;
    let { after } = options;
    while (true) {
      const statement = selectTraces(slice, { sort: options.sort, rows, ...(after && { after }) });
      const found = await this.#query<FoundTrace>(statement, options.signal);
      const summaries = await this.#summarize(found, options.signal);
      for (const { TraceId, Key } of found) {
        const summary = summaries.get(TraceId);
        // It began before the slice and is listed where it began.
        if (!summary || summary.startTimeUnixNano < BigInt(slice.range.start) * MILLISECOND) continue;
        listed.push({ summary, position: { key: Key, traceId: TraceId } });
      }
      const last = found.at(-1);
      if (found.length < rows || listed.length >= rows || !last) return;
      after = { key: last.Key, traceId: last.TraceId };
    }
  }

  async #summarize(found: readonly FoundTrace[], signal?: AbortSignal): Promise<Map<string, TraceSummary>> {
    if (found.length === 0) return new Map();
    const statement = summarizeTraces(found.map((trace) => trace.TraceId));
    const rows = await this.#query<SummaryRow>(statement, signal);
    return new Map(rows.map((row) => [row.TraceId, toSummary(row)]));
  }

  async get(traceId: string, signal?: AbortSignal): Promise<StoredTrace | undefined> {
    const rows = await this.#query<SpanRow>(readTrace(traceId, MAX_SPANS + 1), signal);
    if (rows.length === 0) return undefined;
    return { spans: rows.slice(0, MAX_SPANS).map(toSpan), isTruncated: rows.length > MAX_SPANS };
  }

  #query<Row>(statement: { sql: string; parameters: Readonly<Record<string, unknown>> }, signal?: AbortSignal) {
    const { sql, parameters } = statement;
    return this.#clickHouse.query<Row>(sql, { parameters, ...(signal && { signal }) });
  }
}

interface ListedTrace {
  readonly summary: TraceSummary;
  readonly position: TracePosition;
}

/** The parts of the window to look into, one after the other: all at once where the slowest are wanted. */
function* slices(range: TimeRange, { sort, after }: TraceListOptions): Generator<TimeRange> {
  if (sort === 'slowest') {
    yield range;
    return;
  }
  let end = after ? Math.min(range.end, Number(BigInt(after.key) / MILLISECOND) + 1) : range.end;
  for (let length = FIRST_SLICE; end > range.start; length *= SLICE_GROWTH) {
    const start = Math.max(range.start, end - length);
    yield { start, end };
    end = start;
  }
}

function toSummary(row: SummaryRow): TraceSummary {
  return {
    traceId: row.TraceId,
    rootService: row.RootService,
    rootOperation: row.RootOperation,
    startTimeUnixNano: BigInt(row.Started),
    durationNano: BigInt(row.Lasted),
    spanCount: row.SpanCount,
    errorCount: row.ErrorCount,
    services: row.Services,
  };
}

function toSpan(row: SpanRow): StoredSpan {
  return {
    traceId: row.TraceId,
    spanId: row.SpanId,
    parentSpanId: row.ParentSpanId,
    traceState: row.TraceState,
    flags: row.Flags,
    name: row.SpanName,
    kind: row.SpanKind as SpanKind,
    startTimeUnixNano: BigInt(row.Started),
    durationNano: BigInt(row.Lasted),
    status: row.StatusCode as SpanStatus,
    statusMessage: row.StatusMessage,
    service: row.ServiceName,
    resourceAttributes: row.ResourceAttributes,
    resourceSchemaUrl: row.ResourceSchemaUrl,
    scopeName: row.ScopeName,
    scopeVersion: row.ScopeVersion,
    scopeAttributes: row.ScopeAttributes,
    scopeSchemaUrl: row.ScopeSchemaUrl,
    attributes: row.SpanAttributes,
    events: row.EventTimes.map((time, index) => ({
      timeUnixNano: BigInt(time),
      name: row.EventNames[index]!,
      attributes: row.EventAttributes[index]!,
    })),
    links: row.LinkTraceIds.map((traceId, index) => ({
      traceId,
      spanId: row.LinkSpanIds[index]!,
      traceState: row.LinkTraceStates[index]!,
      attributes: row.LinkAttributes[index]!,
    })),
  };
}
