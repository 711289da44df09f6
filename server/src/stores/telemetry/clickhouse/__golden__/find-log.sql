WITH bitAnd(cityHash64(ServiceName, SeverityNumber, SeverityText, TraceId, SpanId, Body, mapKeys(LogAttributes), mapValues(LogAttributes), mapKeys(ResourceAttributes), mapValues(ResourceAttributes), ScopeName, ScopeVersion), 18014398509481983) AS ContentHash
SELECT toString(toUnixTimestamp64Nano(Timestamp)) AS Time, toString(ContentHash) AS Hash, TraceId, SpanId, SeverityText,
  SeverityNumber, ServiceName, Body, ResourceAttributes, ScopeName, ScopeVersion, LogAttributes
FROM otel_logs
WHERE Timestamp = fromUnixTimestamp64Nano({p1:Int64}, 'UTC')
  AND bitAnd({p2:UInt64} - ContentHash, 18014398509481983) < 4096
LIMIT 1
SETTINGS max_execution_time = 20
-- {"p1":"1767609600123456789","p2":"42"}
