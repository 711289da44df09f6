SELECT TraceId, SpanId, ParentSpanId, TraceState, Flags, SpanName, SpanKind,
  toString(toUnixTimestamp64Nano(Timestamp)) AS Started, toString(Duration) AS Lasted,
  StatusCode, StatusMessage, ServiceName, ResourceSchemaUrl, ResourceAttributes,
  ScopeSchemaUrl, ScopeName, ScopeVersion, ScopeAttributes, SpanAttributes,
  arrayMap(time -> toString(toUnixTimestamp64Nano(time)), Events.Timestamp) AS EventTimes,
  Events.Name AS EventNames, Events.Attributes AS EventAttributes,
  Links.TraceId AS LinkTraceIds, Links.SpanId AS LinkSpanIds,
  Links.TraceState AS LinkTraceStates, Links.Attributes AS LinkAttributes
FROM otel_traces
WHERE TraceId = {p1:String}
  AND Timestamp >= (SELECT min(Start) FROM otel_traces_trace_id_ts WHERE TraceId = {p1:String})
  AND Timestamp < (SELECT toDateTime64(max(End), 9, 'UTC') + 1 FROM otel_traces_trace_id_ts WHERE TraceId = {p1:String})
ORDER BY Timestamp, SpanId, SpanKind
LIMIT 1 BY SpanId, SpanKind, Timestamp
LIMIT {p2:UInt32}
SETTINGS max_execution_time = 20
-- {"p1":"5b8efff798038103d269b633813fc60c","p2":10001}
