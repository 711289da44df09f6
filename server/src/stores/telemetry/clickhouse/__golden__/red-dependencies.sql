SELECT count() AS spans FROM otel_traces WHERE ServiceName = {service:String} AND Timestamp >= fromUnixTimestamp64Milli({start:Int64}) AND Timestamp < fromUnixTimestamp64Milli({end:Int64})
-- {"start":1767614400000,"end":1767618000000,"environment":"production","target":500000000,"slack":600000,"service":"shop"}

SELECT parent.ServiceName AS source, child.ServiceName AS target, 
  count() AS requests,
  countIf(StatusCode = 'Error') AS errors,
  avg(Duration) AS average,
  quantiles(0.5, 0.9, 0.95, 0.99)(Duration) AS quantiles,
  countIf(StatusCode != 'Error' AND Duration <= {target:UInt64}) AS satisfied,
  countIf(StatusCode != 'Error' AND Duration > {target:UInt64} AND Duration <= 4 * {target:UInt64}) AS tolerating,
  toUnixTimestamp64Milli(max(Timestamp)) AS last_seen
FROM (
  SELECT cityHash64(TraceId, SpanId) AS key, ServiceName, SpanKind FROM otel_traces
  WHERE ServiceName != {service:String} AND Timestamp >= fromUnixTimestamp64Milli({start:Int64} - {slack:Int64})
    AND Timestamp < fromUnixTimestamp64Milli({end:Int64} + {slack:Int64}) AND cityHash64(TraceId) % {every:UInt32} = 0
) AS parent
INNER JOIN (
  SELECT cityHash64(TraceId, ParentSpanId) AS key, ServiceName, StatusCode, Duration, Timestamp,
    SpanKind = 'Consumer' AND SpanAttributes['messaging.system'] != '' AS queued
  FROM otel_traces
  WHERE ServiceName = {service:String} AND multiIf(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'], ResourceAttributes['environment']) = {environment:String} AND Timestamp >= fromUnixTimestamp64Milli({start:Int64}) AND Timestamp < fromUnixTimestamp64Milli({end:Int64}) AND SpanKind IN ('Server', 'Consumer') AND ParentSpanId != '' AND cityHash64(TraceId) % {every:UInt32} = 0
) AS child ON parent.key = child.key
WHERE source != target AND NOT (parent.SpanKind IN ('Client', 'Producer') AND child.queued)
GROUP BY source, target ORDER BY requests DESC, source, target LIMIT 100
SETTINGS max_execution_time = 20
-- {"start":1767614400000,"end":1767618000000,"environment":"production","target":500000000,"slack":600000,"service":"shop","every":1}

SELECT parent.ServiceName AS source, child.ServiceName AS target, 
  count() AS requests,
  countIf(StatusCode = 'Error') AS errors,
  avg(Duration) AS average,
  quantiles(0.5, 0.9, 0.95, 0.99)(Duration) AS quantiles,
  countIf(StatusCode != 'Error' AND Duration <= {target:UInt64}) AS satisfied,
  countIf(StatusCode != 'Error' AND Duration > {target:UInt64} AND Duration <= 4 * {target:UInt64}) AS tolerating,
  toUnixTimestamp64Milli(max(Timestamp)) AS last_seen
FROM (
  SELECT cityHash64(TraceId, ParentSpanId) AS key, ServiceName, StatusCode, Duration, Timestamp,
    SpanKind = 'Consumer' AND SpanAttributes['messaging.system'] != '' AS queued
  FROM otel_traces
  WHERE ServiceName != {service:String} AND Timestamp >= fromUnixTimestamp64Milli({start:Int64}) AND Timestamp < fromUnixTimestamp64Milli({end:Int64}) AND SpanKind IN ('Server', 'Consumer') AND ParentSpanId != '' AND cityHash64(TraceId) % {every:UInt32} = 0
) AS child
INNER JOIN (
  SELECT cityHash64(TraceId, SpanId) AS key, ServiceName, SpanKind FROM otel_traces
  WHERE ServiceName = {service:String} AND multiIf(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'], ResourceAttributes['environment']) = {environment:String} AND Timestamp >= fromUnixTimestamp64Milli({start:Int64} - {slack:Int64})
    AND Timestamp < fromUnixTimestamp64Milli({end:Int64} + {slack:Int64}) AND cityHash64(TraceId) % {every:UInt32} = 0
) AS parent ON parent.key = child.key
WHERE source != target AND NOT (parent.SpanKind IN ('Client', 'Producer') AND child.queued)
GROUP BY source, target ORDER BY requests DESC, source, target LIMIT 100
SETTINGS max_execution_time = 20
-- {"start":1767614400000,"end":1767618000000,"environment":"production","target":500000000,"slack":600000,"service":"shop","every":1}

SELECT service, kind, name, flow, if(kind = 'external', answered.target, '') AS target,
  grouping(service) AS is_total, 
  count() AS requests,
  countIf(StatusCode = 'Error') AS errors,
  avg(Duration) AS average,
  quantiles(0.5, 0.9, 0.95, 0.99)(Duration) AS quantiles,
  countIf(StatusCode != 'Error' AND Duration <= {target:UInt64}) AS satisfied,
  countIf(StatusCode != 'Error' AND Duration > {target:UInt64} AND Duration <= 4 * {target:UInt64}) AS tolerating,
  toUnixTimestamp64Milli(max(Timestamp)) AS last_seen
FROM (
  SELECT ServiceName AS service, multiIf(
    SpanAttributes['messaging.system'] != '', 'queue',
    SpanAttributes['db.system.name'] != '' OR SpanAttributes['db.system'] != '', 'database',
    'external') AS kind, multiIf(
    kind = 'database', if(coalesce(nullIf(SpanAttributes['db.namespace'], ''), nullIf(SpanAttributes['db.name'], ''), '') = '', coalesce(nullIf(SpanAttributes['db.system.name'], ''), nullIf(SpanAttributes['db.system'], ''), ''), concat(coalesce(nullIf(SpanAttributes['db.system.name'], ''), nullIf(SpanAttributes['db.system'], ''), ''), '/', coalesce(nullIf(SpanAttributes['db.namespace'], ''), nullIf(SpanAttributes['db.name'], ''), ''))),
    kind = 'queue', if(coalesce(nullIf(SpanAttributes['messaging.destination.name'], ''), nullIf(SpanAttributes['messaging.destination'], ''), '') = '', SpanAttributes['messaging.system'], concat(SpanAttributes['messaging.system'], '/', coalesce(nullIf(SpanAttributes['messaging.destination.name'], ''), nullIf(SpanAttributes['messaging.destination'], ''), ''))),
    SpanAttributes['peer.service'] != '', SpanAttributes['peer.service'],
    coalesce(nullIf(SpanAttributes['server.address'], ''), nullIf(SpanAttributes['net.peer.name'], ''), nullIf(SpanAttributes['http.host'], ''), nullIf(SpanAttributes['net.peer.ip'], ''), '') = '' OR coalesce(nullIf(SpanAttributes['server.port'], ''), nullIf(SpanAttributes['net.peer.port'], ''), '') IN ('80', '443'), coalesce(nullIf(SpanAttributes['server.address'], ''), nullIf(SpanAttributes['net.peer.name'], ''), nullIf(SpanAttributes['http.host'], ''), nullIf(SpanAttributes['net.peer.ip'], ''), ''),
    if(coalesce(nullIf(SpanAttributes['server.port'], ''), nullIf(SpanAttributes['net.peer.port'], ''), '') = '', coalesce(nullIf(SpanAttributes['server.address'], ''), nullIf(SpanAttributes['net.peer.name'], ''), nullIf(SpanAttributes['http.host'], ''), nullIf(SpanAttributes['net.peer.ip'], ''), ''), concat(coalesce(nullIf(SpanAttributes['server.address'], ''), nullIf(SpanAttributes['net.peer.name'], ''), nullIf(SpanAttributes['http.host'], ''), nullIf(SpanAttributes['net.peer.ip'], ''), ''), ':', coalesce(nullIf(SpanAttributes['server.port'], ''), nullIf(SpanAttributes['net.peer.port'], ''), '')))) AS name, multiIf(
    kind = 'queue' AND coalesce(nullIf(SpanAttributes['messaging.operation.type'], ''), nullIf(SpanAttributes['messaging.operation'], ''), '') = 'receive', 'received',
    SpanKind = 'Consumer', 'delivered',
    SpanKind = 'Producer', 'sent',
    'called') AS flow,
    StatusCode, Duration, Timestamp
  FROM otel_traces
  WHERE ServiceName = {service:String} AND multiIf(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'], ResourceAttributes['environment']) = {environment:String} AND Timestamp >= fromUnixTimestamp64Milli({start:Int64}) AND Timestamp < fromUnixTimestamp64Milli({end:Int64}) AND cityHash64(TraceId) % {every:UInt32} = 0 AND SpanKind IN ('Client', 'Producer', 'Consumer')
    AND name != '' AND (SpanKind = 'Client' OR kind = 'queue') AND NOT (kind = 'queue' AND coalesce(nullIf(SpanAttributes['messaging.operation.type'], ''), nullIf(SpanAttributes['messaging.operation'], ''), '') = 'settle')
    AND (SpanKind != 'Client' OR cityHash64(TraceId, ParentSpanId) NOT IN (
      SELECT cityHash64(TraceId, SpanId) AS key FROM otel_traces
      WHERE ServiceName = {service:String} AND Timestamp >= fromUnixTimestamp64Milli({start:Int64} - {slack:Int64})
    AND Timestamp < fromUnixTimestamp64Milli({end:Int64} + {slack:Int64}) AND cityHash64(TraceId) % {every:UInt32} = 0 AND SpanKind IN ('Client', 'Producer')
        AND multiIf(
    SpanAttributes['messaging.system'] != '', 'queue',
    SpanAttributes['db.system.name'] != '' OR SpanAttributes['db.system'] != '', 'database',
    'external') != 'external'))
    AND (SpanKind != 'Client' OR kind = 'queue' OR cityHash64(TraceId, SpanId) NOT IN (
      SELECT child.key FROM (
        SELECT cityHash64(TraceId, ParentSpanId) AS key FROM otel_traces WHERE SpanKind IN ('Server', 'Consumer') AND ParentSpanId != '' AND Timestamp >= fromUnixTimestamp64Milli({start:Int64} - {slack:Int64})
    AND Timestamp < fromUnixTimestamp64Milli({end:Int64} + {slack:Int64}) AND cityHash64(TraceId) % {every:UInt32} = 0
      ) AS child
      INNER JOIN (
        SELECT cityHash64(TraceId, SpanId) AS key FROM otel_traces
        WHERE ServiceName = {service:String} AND Timestamp >= fromUnixTimestamp64Milli({start:Int64}) AND Timestamp < fromUnixTimestamp64Milli({end:Int64}) AND cityHash64(TraceId) % {every:UInt32} = 0 AND SpanKind = 'Client'
      ) AS caller ON child.key = caller.key))
    AND (kind != 'external' OR cityHash64(TraceId, SpanId) NOT IN (
      SELECT child.key FROM (
        SELECT cityHash64(TraceId, ParentSpanId) AS key FROM otel_traces WHERE SpanKind IN ('Client', 'Producer') AND ParentSpanId != '' AND Timestamp >= fromUnixTimestamp64Milli({start:Int64} - {slack:Int64})
    AND Timestamp < fromUnixTimestamp64Milli({end:Int64} + {slack:Int64}) AND cityHash64(TraceId) % {every:UInt32} = 0
      ) AS child
      INNER JOIN (
        SELECT cityHash64(TraceId, SpanId) AS key FROM otel_traces
        WHERE ServiceName = {service:String} AND Timestamp >= fromUnixTimestamp64Milli({start:Int64}) AND Timestamp < fromUnixTimestamp64Milli({end:Int64}) AND cityHash64(TraceId) % {every:UInt32} = 0 AND SpanKind = 'Client'
      ) AS caller ON child.key = caller.key))
) AS call
LEFT ANY JOIN (
  SELECT service, name, argMax(other, calls) AS target FROM (
    SELECT caller.service AS service, caller.name AS name, child.ServiceName AS other, count() AS calls
    FROM (
      SELECT cityHash64(TraceId, ParentSpanId) AS key, ServiceName FROM otel_traces WHERE SpanKind IN ('Server', 'Consumer') AND ParentSpanId != '' AND Timestamp >= fromUnixTimestamp64Milli({start:Int64} - {slack:Int64})
    AND Timestamp < fromUnixTimestamp64Milli({end:Int64} + {slack:Int64}) AND cityHash64(TraceId) % {every:UInt32} = 0
    ) AS child
    INNER JOIN (
      SELECT cityHash64(TraceId, SpanId) AS key, ServiceName AS service, multiIf(
    SpanAttributes['messaging.system'] != '', 'queue',
    SpanAttributes['db.system.name'] != '' OR SpanAttributes['db.system'] != '', 'database',
    'external') AS kind, multiIf(
    kind = 'database', if(coalesce(nullIf(SpanAttributes['db.namespace'], ''), nullIf(SpanAttributes['db.name'], ''), '') = '', coalesce(nullIf(SpanAttributes['db.system.name'], ''), nullIf(SpanAttributes['db.system'], ''), ''), concat(coalesce(nullIf(SpanAttributes['db.system.name'], ''), nullIf(SpanAttributes['db.system'], ''), ''), '/', coalesce(nullIf(SpanAttributes['db.namespace'], ''), nullIf(SpanAttributes['db.name'], ''), ''))),
    kind = 'queue', if(coalesce(nullIf(SpanAttributes['messaging.destination.name'], ''), nullIf(SpanAttributes['messaging.destination'], ''), '') = '', SpanAttributes['messaging.system'], concat(SpanAttributes['messaging.system'], '/', coalesce(nullIf(SpanAttributes['messaging.destination.name'], ''), nullIf(SpanAttributes['messaging.destination'], ''), ''))),
    SpanAttributes['peer.service'] != '', SpanAttributes['peer.service'],
    coalesce(nullIf(SpanAttributes['server.address'], ''), nullIf(SpanAttributes['net.peer.name'], ''), nullIf(SpanAttributes['http.host'], ''), nullIf(SpanAttributes['net.peer.ip'], ''), '') = '' OR coalesce(nullIf(SpanAttributes['server.port'], ''), nullIf(SpanAttributes['net.peer.port'], ''), '') IN ('80', '443'), coalesce(nullIf(SpanAttributes['server.address'], ''), nullIf(SpanAttributes['net.peer.name'], ''), nullIf(SpanAttributes['http.host'], ''), nullIf(SpanAttributes['net.peer.ip'], ''), ''),
    if(coalesce(nullIf(SpanAttributes['server.port'], ''), nullIf(SpanAttributes['net.peer.port'], ''), '') = '', coalesce(nullIf(SpanAttributes['server.address'], ''), nullIf(SpanAttributes['net.peer.name'], ''), nullIf(SpanAttributes['http.host'], ''), nullIf(SpanAttributes['net.peer.ip'], ''), ''), concat(coalesce(nullIf(SpanAttributes['server.address'], ''), nullIf(SpanAttributes['net.peer.name'], ''), nullIf(SpanAttributes['http.host'], ''), nullIf(SpanAttributes['net.peer.ip'], ''), ''), ':', coalesce(nullIf(SpanAttributes['server.port'], ''), nullIf(SpanAttributes['net.peer.port'], ''), '')))) AS name
      FROM otel_traces
      WHERE ServiceName = {service:String} AND Timestamp >= fromUnixTimestamp64Milli({start:Int64} - {slack:Int64})
    AND Timestamp < fromUnixTimestamp64Milli({end:Int64} + {slack:Int64}) AND cityHash64(TraceId) % {every:UInt32} = 0 AND SpanKind = 'Client' AND kind = 'external'
    ) AS caller ON child.key = caller.key
    GROUP BY service, name, other
  )
  GROUP BY service, name) AS answered ON call.service = answered.service AND call.name = answered.name
GROUP BY GROUPING SETS ((service, kind, name, flow, target), (kind, name, flow, target))
ORDER BY requests DESC, service, kind, name, flow LIMIT 100 BY is_total
SETTINGS max_execution_time = 20
-- {"start":1767614400000,"end":1767618000000,"environment":"production","target":500000000,"slack":600000,"service":"shop","every":1}
