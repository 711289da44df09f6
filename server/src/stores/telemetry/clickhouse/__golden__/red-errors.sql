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
    multiIf(
      SpanAttributes['http.response.status_code'] != '', concat('HTTP ', SpanAttributes['http.response.status_code']),
      SpanAttributes['http.status_code'] != '', concat('HTTP ', SpanAttributes['http.status_code']),
      '') AS http_status
  FROM otel_traces
  WHERE ServiceName = {service:String} AND Timestamp >= fromUnixTimestamp64Milli({start:Int64}) AND Timestamp < fromUnixTimestamp64Milli({end:Int64}) AND StatusCode = 'Error'
)
GROUP BY operation, type, message
ORDER BY count DESC, last_seen DESC
LIMIT 10
-- {"start":1767614400000,"end":1767618000000,"service":"shop","target":500000000,"slack":600000}
