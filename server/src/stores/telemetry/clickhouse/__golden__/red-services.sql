SELECT ServiceName AS service, '' AS environment, 
  count() AS requests,
  countIf(StatusCode = 'Error') AS errors,
  avg(Duration) AS average,
  quantiles(0.5, 0.9, 0.95, 0.99)(Duration) AS quantiles,
  countIf(StatusCode != 'Error' AND Duration <= {target:UInt64}) AS satisfied,
  countIf(StatusCode != 'Error' AND Duration > {target:UInt64} AND Duration <= 4 * {target:UInt64}) AS tolerating,
  toUnixTimestamp64Milli(max(Timestamp)) AS last_seen
FROM otel_traces WHERE Timestamp >= fromUnixTimestamp64Milli({start:Int64}) AND Timestamp < fromUnixTimestamp64Milli({end:Int64}) AND (SpanKind IN ('Server', 'Consumer') OR ParentSpanId = '')
GROUP BY service, environment ORDER BY service, environment
-- {"start":1767614400000,"end":1767618000000,"target":500000000,"slack":600000}
