import type { RedOptions } from '../red-store.ts';
import { andEnvironment, rows } from './red-conditions.ts';

export interface ErrorRow {
  readonly operation: string;
  readonly type: string;
  readonly message: string;
  readonly count: number;
  readonly last_seen: number;
  readonly trace_id: string;
}

/** What failed calls of HTTP clients and servers say where nobody recorded more. */
const HTTP_STATUS = `multiIf(
      SpanAttributes['http.response.status_code'] != '', concat('HTTP ', SpanAttributes['http.response.status_code']),
      SpanAttributes['http.status_code'] != '', concat('HTTP ', SpanAttributes['http.status_code']),
      '')`;

/**
 * Failed spans by what went wrong: the exception that the span recorded, else its status message and `error.type`, else
 * the status of the HTTP answer.
 */
export function topErrorsSql(options: RedOptions): string {
  return `
SELECT
  SpanName AS operation,
  if(exception['exception.type'] != '', exception['exception.type'], error_type) AS type,
  substringUTF8(multiIf(
    exception['exception.message'] != '', exception['exception.message'],
    StatusMessage != '', StatusMessage,
    http_status), 1, 500) AS message,
  count() AS count,
  toUnixTimestamp64Milli(max(Timestamp)) AS last_seen,
  argMax(TraceId, Timestamp) AS trace_id
FROM (
  SELECT SpanName, StatusMessage, Timestamp, TraceId,
    arrayElement(Events.Attributes, indexOf(Events.Name, 'exception')) AS exception,
    SpanAttributes['error.type'] AS error_type,
    ${HTTP_STATUS} AS http_status
  FROM otel_traces
  WHERE ServiceName = {service:String} AND ${rows.inRange} AND StatusCode = 'Error'${andEnvironment(rows.environment, options)}
)
GROUP BY operation, type, message
ORDER BY count DESC, last_seen DESC
LIMIT 10`;
}
