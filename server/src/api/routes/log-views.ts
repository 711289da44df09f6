import { formatInstant } from '../../lib/instant.ts';
import { levelOfSeverityNumber } from '../../model/log-record.ts';
import type { StoredLog } from '../../stores/telemetry/index.ts';
import type { LogItem } from '../contract/logs.ts';

export function showLog(record: StoredLog): LogItem {
  return {
    id: record.id,
    timestamp: formatInstant(Number(record.timeUnixNano / 1_000_000n)),
    time_unix_nano: String(record.timeUnixNano),
    level: levelOfSeverityNumber(record.severityNumber) ?? 'unknown',
    severity_number: record.severityNumber,
    severity_text: record.severityText,
    service: record.service,
    message: record.body,
    trace_id: record.traceId || null,
    span_id: record.spanId || null,
    attributes: record.attributes,
    resource: record.resourceAttributes,
    scope_name: record.scopeName,
    // Patterns are not mined yet.
    pattern_id: null,
  };
}
