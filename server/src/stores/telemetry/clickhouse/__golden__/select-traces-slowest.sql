SELECT TraceId, toString(Lasted) AS Key
FROM (
  SELECT TraceId,
    min(toUnixTimestamp64Nano(Timestamp)) AS Started,
    max(toUnixTimestamp64Nano(Timestamp) + toInt64(Duration)) - Started AS Lasted,
    countIf(StatusCode = 'Error') AS Errors
  FROM otel_traces
  WHERE Timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Nano({p3:Int64}, 'UTC')
  AND TraceId IN (
    SELECT TraceId
    FROM otel_traces_trace_id_ts
    WHERE Start >= toDateTime({p4:UInt32}, 'UTC')
      AND Start < toDateTime({p5:UInt32}, 'UTC')
  )
  GROUP BY TraceId
)
WHERE Started < toUnixTimestamp64Nano(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
ORDER BY Lasted DESC, TraceId DESC
LIMIT {p6:UInt32}
SETTINGS max_execution_time = 20
-- {"p1":"1767609600000000000","p2":"1767613200500000000","p3":"1767616800500000000","p4":1767609600,"p5":1767613201,"p6":101}
