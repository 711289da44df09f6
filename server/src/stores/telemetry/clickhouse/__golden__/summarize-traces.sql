SELECT TraceId,
  toString(min(toUnixTimestamp64Nano(Timestamp)) AS StartedNano) AS Started,
  toString(max(toUnixTimestamp64Nano(Timestamp) + toInt64(Duration)) - StartedNano) AS Lasted,
  uniqExact((SpanId, SpanKind, Timestamp)) AS SpanCount,
  uniqExactIf((SpanId, SpanKind, Timestamp), StatusCode = 'Error') AS ErrorCount,
  arraySort(groupUniqArray(ServiceName)) AS Services,
  argMin(ServiceName, (ParentSpanId != '', Timestamp, SpanId)) AS RootService,
  argMin(SpanName, (ParentSpanId != '', Timestamp, SpanId)) AS RootOperation
FROM otel_traces
WHERE TraceId IN {p1:Array(String)}
  AND Timestamp >= (SELECT min(Start) FROM otel_traces_trace_id_ts WHERE TraceId IN {p1:Array(String)})
  AND Timestamp < (SELECT toDateTime64(max(End), 9, 'UTC') + 1 FROM otel_traces_trace_id_ts WHERE TraceId IN {p1:Array(String)})
GROUP BY TraceId
SETTINGS max_execution_time = 20
-- {"p1":["5b8efff798038103d269b633813fc60c"]}
