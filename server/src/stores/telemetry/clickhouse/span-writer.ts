import type { Flow } from '../../../model/flow.ts';
import { NO_ATTRIBUTES } from '../../../model/packed-attributes.ts';
import type { Span } from '../../../model/span.ts';
import { AttributesColumn } from './attributes-column.ts';
import type { BlockBuilder } from './block-writer.ts';
import { DistinctDays } from './distinct-days.ts';
import { LowCardinalityColumn } from './low-cardinality-column.ts';
import { ArrayColumn, NanosecondsColumn, StringColumn, UInt32Column, UInt64Column } from './native-block.ts';

/** Rows of `otel_traces`. */
export class SpanBlock implements BlockBuilder<Flow<Span>> {
  readonly columns = {
    Timestamp: new NanosecondsColumn(),
    TraceId: new StringColumn(),
    SpanId: new StringColumn(),
    ParentSpanId: new StringColumn(),
    TraceState: new StringColumn(),
    Flags: new UInt32Column(),
    SpanName: new LowCardinalityColumn(),
    SpanKind: new LowCardinalityColumn(),
    ServiceName: new LowCardinalityColumn(),
    ResourceSchemaUrl: new LowCardinalityColumn(),
    ResourceAttributes: new AttributesColumn(),
    ScopeSchemaUrl: new LowCardinalityColumn(),
    ScopeName: new LowCardinalityColumn(),
    ScopeVersion: new LowCardinalityColumn(),
    ScopeAttributes: new AttributesColumn(),
    SpanAttributes: new AttributesColumn(),
    Duration: new UInt64Column(),
    StatusCode: new LowCardinalityColumn(),
    StatusMessage: new StringColumn(),
    'Events.Timestamp': new ArrayColumn(new NanosecondsColumn()),
    'Events.Name': new ArrayColumn(new LowCardinalityColumn()),
    'Events.Attributes': new ArrayColumn(new AttributesColumn()),
    'Links.TraceId': new ArrayColumn(new StringColumn()),
    'Links.SpanId': new ArrayColumn(new StringColumn()),
    'Links.TraceState': new ArrayColumn(new StringColumn()),
    'Links.Attributes': new ArrayColumn(new AttributesColumn()),
  };

  append(spans: Flow<Span>): number {
    const days = new DistinctDays();
    let rows = 0;
    spans.forEach((span) => {
      days.addNano(span.startTimeUnixNano);
      this.#appendFields(span);
      this.#appendEvents(span);
      this.#appendLinks(span);
      rows++;
    });
    return rows;
  }

  #appendFields(span: Span): void {
    const { columns } = this;
    columns.Timestamp.append(span.startTimeUnixNano);
    columns.TraceId.append(span.traceId);
    columns.SpanId.append(span.spanId);
    columns.ParentSpanId.append(span.parentSpanId);
    columns.TraceState.append(span.traceState);
    columns.Flags.append(span.flags ?? 0);
    columns.SpanName.append(span.name);
    columns.SpanKind.append(span.kind);
    columns.ServiceName.append(span.service);
    columns.ResourceSchemaUrl.append(span.resourceSchemaUrl ?? '');
    columns.ResourceAttributes.append(span.resourceAttributes);
    columns.ScopeSchemaUrl.append(span.scopeSchemaUrl ?? '');
    columns.ScopeName.append(span.scopeName);
    columns.ScopeVersion.append(span.scopeVersion);
    columns.ScopeAttributes.append(span.scopeAttributes ?? NO_ATTRIBUTES);
    columns.SpanAttributes.append(span.attributes);
    columns.Duration.append(span.durationNano < 0n ? 0n : span.durationNano);
    columns.StatusCode.append(span.status);
    columns.StatusMessage.append(span.statusMessage);
  }

  #appendEvents(span: Span): void {
    const { columns } = this;
    for (const event of span.events) {
      columns['Events.Timestamp'].elements.append(event.timeUnixNano);
      columns['Events.Name'].elements.append(event.name);
      columns['Events.Attributes'].elements.append(event.attributes);
    }
    columns['Events.Timestamp'].endRow(span.events.length);
    columns['Events.Name'].endRow(span.events.length);
    columns['Events.Attributes'].endRow(span.events.length);
  }

  #appendLinks(span: Span): void {
    const { columns } = this;
    for (const link of span.links) {
      columns['Links.TraceId'].elements.append(link.traceId);
      columns['Links.SpanId'].elements.append(link.spanId);
      columns['Links.TraceState'].elements.append(link.traceState);
      columns['Links.Attributes'].elements.append(link.attributes);
    }
    columns['Links.TraceId'].endRow(span.links.length);
    columns['Links.SpanId'].endRow(span.links.length);
    columns['Links.TraceState'].endRow(span.links.length);
    columns['Links.Attributes'].endRow(span.links.length);
  }
}
