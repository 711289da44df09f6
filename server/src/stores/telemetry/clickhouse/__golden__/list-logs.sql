WITH bitAnd(cityHash64(ServiceName, SeverityNumber, SeverityText, TraceId, SpanId, Body, mapKeys(LogAttributes), mapValues(LogAttributes), mapKeys(ResourceAttributes), mapValues(ResourceAttributes), ScopeName, ScopeVersion), 18014398509481983) AS ContentHash
SELECT toString(toUnixTimestamp64Nano(Timestamp)) AS Time, toString(ContentHash) AS Hash, TraceId, SpanId, SeverityText,
  SeverityNumber, ServiceName, Body, ResourceAttributes, ScopeName, ScopeVersion, LogAttributes
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
  AND Timestamp <= (
    SELECT if(count() = 0, fromUnixTimestamp64Nano({p4:Int64}, 'UTC'), max(Timestamp))
    FROM (
      SELECT Timestamp, sum(length(Body)) OVER (ORDER BY Timestamp ASC ROWS UNBOUNDED PRECEDING) - length(Body) AS Before
      FROM (
        SELECT Timestamp, Body
        FROM otel_logs
        WHERE Timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC')
          AND Timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
        ORDER BY Timestamp ASC
        LIMIT {p3:UInt32}
      )
    )
    WHERE Before < 16777216
  )
ORDER BY Timestamp ASC, ContentHash ASC
LIMIT {p3:UInt32} OFFSET {p5:UInt32}
SETTINGS max_execution_time = 20, use_top_k_dynamic_filtering = 0
-- {"p1":"1767609600000000000","p2":"1767613200000000000","p3":101,"p4":"1767609599999000000","p5":0}
