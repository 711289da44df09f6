SELECT TraceId, toString(Started) AS Key
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
    FROM otel_traces
    WHERE Timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC')
      AND Timestamp < fromUnixTimestamp64Nano({p3:Int64}, 'UTC')
      AND ServiceName = {p4:String}
      AND SpanName = {p5:String}
      AND multiIf(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'], ResourceAttributes['environment']) = {p6:String}
      AND (SpanAttributes[{p7:String}] = {p8:String} OR ResourceAttributes[{p7:String}] = {p8:String})
      AND ((mapContains(SpanAttributes, {p9:String}) AND SpanAttributes[{p9:String}] = '') OR (mapContains(ResourceAttributes, {p9:String}) AND ResourceAttributes[{p9:String}] = ''))
  )
  GROUP BY TraceId
)
WHERE Started < toUnixTimestamp64Nano(fromUnixTimestamp64Nano({p2:Int64}, 'UTC'))
  AND Lasted >= {p11:Float64}
  AND Lasted <= {p12:Float64}
  AND Errors > 0
  AND (Started, TraceId) < ({p13:Int64}, {p14:String})
ORDER BY Started DESC, TraceId DESC
LIMIT {p15:UInt32}
SETTINGS max_execution_time = 20
-- {"p1":"1767609600000000000","p2":"1767613200500000000","p3":"1767616800500000000","p4":"espice/orders","p5":"GET /o'hara","p6":"production","p7":"http.route","p8":"/orders","p9":"flag","p10":"","p11":1500000,"p12":2000000000,"p13":"1767609600123456789","p14":"5b8efff798038103d269b633813fc60c","p15":101}
