SELECT count() AS Count
FROM (
  SELECT 1
  FROM otel_logs
  WHERE Timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC')
    AND Timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
    AND hasAllTokens(lower(Body), {p3:String})
  LIMIT {p4:UInt64}
)
SETTINGS max_execution_time = 20
-- {"p1":"1767609600000000000","p2":"1767613200000000000","p3":"timeout","p4":1001}
