import type { Flow } from '../../../model/flow.ts';
import type { LogRecord } from '../../../model/log-record.ts';
import { NO_ATTRIBUTES } from '../../../model/packed-attributes.ts';
import { AttributesColumn } from './attributes-column.ts';
import type { BlockBuilder } from './block-writer.ts';
import { DistinctDays } from './distinct-days.ts';
import { LowCardinalityColumn } from './low-cardinality-column.ts';
import { NanosecondsColumn, StringColumn, UInt8Column } from './native-block.ts';

/** Rows of `otel_logs`. */
export class LogBlock implements BlockBuilder<Flow<LogRecord>> {
  readonly columns = {
    Timestamp: new NanosecondsColumn(),
    ObservedTimestamp: new NanosecondsColumn(),
    TraceId: new StringColumn(),
    SpanId: new StringColumn(),
    TraceFlags: new UInt8Column(),
    SeverityText: new LowCardinalityColumn(),
    SeverityNumber: new UInt8Column(),
    ServiceName: new LowCardinalityColumn(),
    Body: new StringColumn(),
    ResourceSchemaUrl: new LowCardinalityColumn(),
    ResourceAttributes: new AttributesColumn(),
    ScopeSchemaUrl: new LowCardinalityColumn(),
    ScopeName: new LowCardinalityColumn(),
    ScopeVersion: new LowCardinalityColumn(),
    ScopeAttributes: new AttributesColumn(),
    LogAttributes: new AttributesColumn(),
    EventName: new LowCardinalityColumn(),
  };

  append(records: Flow<LogRecord>): number {
    const days = new DistinctDays();
    let rows = 0;
    records.forEach((record) => {
      days.addNano(record.timeUnixNano);
      this.#append(record);
      rows++;
    });
    return rows;
  }

  #append(record: LogRecord): void {
    const { columns } = this;
    columns.Timestamp.append(record.timeUnixNano);
    columns.ObservedTimestamp.append(record.observedTimeUnixNano ?? record.timeUnixNano);
    columns.TraceId.append(record.traceId);
    columns.SpanId.append(record.spanId);
    columns.TraceFlags.append(record.traceFlags ?? 0);
    columns.SeverityText.append(record.severityText);
    columns.SeverityNumber.append(record.severityNumber);
    columns.ServiceName.append(record.service);
    columns.Body.append(record.body);
    columns.ResourceSchemaUrl.append(record.resourceSchemaUrl ?? '');
    columns.ResourceAttributes.append(record.resourceAttributes);
    columns.ScopeSchemaUrl.append(record.scopeSchemaUrl ?? '');
    columns.ScopeName.append(record.scopeName);
    columns.ScopeVersion.append(record.scopeVersion);
    columns.ScopeAttributes.append(record.scopeAttributes ?? NO_ATTRIBUTES);
    columns.LogAttributes.append(record.attributes);
    columns.EventName.append(record.eventName ?? '');
  }
}
