import type { LogRecord } from '../../../model/log-record.ts';
import { AttributesColumn } from './attributes-column.ts';
import type { BlockBuilder } from './block-writer.ts';
import { DistinctDays } from './distinct-days.ts';
import { LowCardinalityColumn } from './low-cardinality-column.ts';
import { NanosecondsColumn, StringColumn, UInt8Column } from './native-block.ts';

/** Rows of `otel_logs`. */
export class LogBlock implements BlockBuilder<readonly LogRecord[]> {
  readonly columns = {
    Timestamp: new NanosecondsColumn(),
    TraceId: new StringColumn(),
    SpanId: new StringColumn(),
    SeverityText: new LowCardinalityColumn(),
    SeverityNumber: new UInt8Column(),
    ServiceName: new LowCardinalityColumn(),
    Body: new StringColumn(),
    ResourceAttributes: new AttributesColumn(),
    ScopeName: new LowCardinalityColumn(),
    ScopeVersion: new LowCardinalityColumn(),
    LogAttributes: new AttributesColumn(),
  };

  append(records: readonly LogRecord[]): void {
    const { columns } = this;
    for (const record of records) {
      columns.Timestamp.append(record.timeUnixNano);
      columns.TraceId.append(record.traceId);
      columns.SpanId.append(record.spanId);
      columns.SeverityText.append(record.severityText);
      columns.SeverityNumber.append(record.severityNumber);
      columns.ServiceName.append(record.service);
      columns.Body.append(record.body);
      columns.ResourceAttributes.append(record.resourceAttributes);
      columns.ScopeName.append(record.scopeName);
      columns.ScopeVersion.append(record.scopeVersion);
      columns.LogAttributes.append(record.attributes);
    }
  }
}

/** About how much memory the records take. */
export function logBytes(records: readonly LogRecord[]): number {
  return records.reduce((sum, record) => sum + 400 + record.body.length, 0);
}

export function checkLogDays(records: readonly LogRecord[]): void {
  const days = new DistinctDays();
  for (const record of records) days.add(Number(record.timeUnixNano / 1_000_000n));
}
