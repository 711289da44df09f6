import { type SpanTiming, traceTiming } from '../../analysis/trace-timing/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { StoredSpan } from '../../model/span.ts';
import type { StoredLog, StoredTrace, TraceSummary } from '../../stores/telemetry/index.ts';
import type { SpanItem, TraceDetail, TraceItem } from '../contract/traces.ts';
import { showLog } from './log-views.ts';

export function showTrace(summary: TraceSummary): TraceItem {
  return {
    trace_id: summary.traceId,
    root_service: summary.rootService,
    root_operation: summary.rootOperation,
    started_at: instantOf(summary.startTimeUnixNano),
    duration_ms: milliseconds(summary.durationNano),
    span_count: summary.spanCount,
    error_count: summary.errorCount,
    services: [...summary.services],
  };
}

/** Nanoseconds: when the first of the spans began and the last ended. */
export function extentOf(spans: readonly StoredSpan[]): { readonly start: bigint; readonly end: bigint } {
  let start = spans[0]?.startTimeUnixNano ?? 0n;
  let end = start;
  for (const span of spans) {
    const spanEnd = span.startTimeUnixNano + span.durationNano;
    if (span.startTimeUnixNano < start) start = span.startTimeUnixNano;
    if (spanEnd > end) end = spanEnd;
  }
  return { start, end };
}

export function showTraceDetail(
  traceId: string,
  { spans, isTruncated }: StoredTrace,
  logs: { readonly records: readonly StoredLog[]; readonly isTruncated: boolean },
): TraceDetail {
  const timings = traceTiming(spans);
  const { start, end } = extentOf(spans);
  return {
    trace_id: traceId,
    started_at: instantOf(start),
    duration_ms: milliseconds(end - start),
    services: [...new Set(spans.map((span) => span.service))].sort(),
    spans: spans.map((span, index) => showSpan(span, timings[index]!, start)),
    spans_truncated: isTruncated,
    logs: logs.records.map(showLog),
    logs_truncated: logs.isTruncated,
  };
}

function showSpan(span: StoredSpan, timing: SpanTiming, traceStart: bigint): SpanItem {
  return {
    span_id: span.spanId,
    parent_span_id: span.parentSpanId || null,
    service: span.service,
    name: span.name,
    kind: span.kind.toLowerCase() as SpanItem['kind'],
    started_at: instantOf(span.startTimeUnixNano),
    start_offset_ms: milliseconds(span.startTimeUnixNano - traceStart),
    duration_ms: milliseconds(span.durationNano),
    self_time_ms: timing.selfTimeNano / 1e6,
    status: span.status.toLowerCase() as SpanItem['status'],
    status_message: span.statusMessage || null,
    attributes: span.attributes,
    resource: span.resourceAttributes,
    trace_state: span.traceState,
    flags: span.flags ?? 0,
    resource_schema_url: span.resourceSchemaUrl ?? '',
    scope_name: span.scopeName,
    scope_version: span.scopeVersion,
    scope_attributes: span.scopeAttributes ?? {},
    scope_schema_url: span.scopeSchemaUrl ?? '',
    events: span.events.map(({ name, timeUnixNano, attributes }) => ({
      name,
      time: instantOf(timeUnixNano),
      attributes,
    })),
    links: span.links.map(({ traceId, spanId, traceState, attributes }) => ({
      trace_id: traceId,
      span_id: spanId,
      trace_state: traceState,
      attributes,
    })),
    on_critical_path: timing.isOnCriticalPath,
  };
}

function instantOf(unixNano: bigint): string {
  return formatInstant(Number(unixNano / 1_000_000n));
}

function milliseconds(nanoseconds: bigint): number {
  return Number(nanoseconds) / 1e6;
}
