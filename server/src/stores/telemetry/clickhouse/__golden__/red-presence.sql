SELECT ServiceName AS service, Environment AS environment, 'traces' AS signal,
  toUnixTimestamp(max(Timestamp)) * 1000 AS last_seen
FROM span_metrics
WHERE Timestamp >= toStartOfMinute(toDateTime(intDiv({start:Int64}, 1000), 'UTC'))
    AND Timestamp < toDateTime(intDiv({end:Int64} + 999, 1000), 'UTC') AND ServiceName = {service:String} AND Environment = {environment:String}
GROUP BY service, environment
-- {"start":1767614400000,"end":1767618000000,"environment":"production","service":"shop","target":500000000,"slack":600000}

SELECT ServiceName AS service, multiIf(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'], ResourceAttributes['environment']) AS environment, 'logs' AS signal,
  toUnixTimestamp64Milli(max(Timestamp)) AS last_seen
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Milli({start:Int64}) AND Timestamp < fromUnixTimestamp64Milli({end:Int64}) AND ServiceName = {service:String} AND multiIf(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'], ResourceAttributes['environment']) = {environment:String}
GROUP BY service, environment
-- {"start":1767614400000,"end":1767618000000,"environment":"production","service":"shop","target":500000000,"slack":600000}

SELECT multiIf(labels['service'] != '', labels['service'], labels['com.docker.compose.service'] != '', labels['com.docker.compose.service'], labels['container_label_com_docker_compose_service'] != '', labels['container_label_com_docker_compose_service'], labels['app.kubernetes.io/name'] != '', labels['app.kubernetes.io/name'], labels['app_kubernetes_io_name'] != '', labels['app_kubernetes_io_name'], labels['k8s.deployment.name'] != '', labels['k8s.deployment.name'], labels['job']) AS service, multiIf(
  labels['deployment.environment.name'] != '', labels['deployment.environment.name'],
  labels['deployment.environment'] != '', labels['deployment.environment'],
  labels['environment']) AS environment,
  if(startsWith(metric, 'container_'), 'container', 'metrics') AS signal,
  toUnixTimestamp64Milli(max(metric_series.last_seen)) AS last_seen
FROM metric_series
WHERE metric_series.last_seen >= fromUnixTimestamp64Milli({start:Int64} - 600000)
  AND metric_series.first_seen < fromUnixTimestamp64Milli({end:Int64})
  AND service != '' AND NOT match(metric, '^service_(cpu_usage_percent|memory_usage_bytes|memory_usage_percent|requests_per_second|error_percent|latency_p(50|95|99)_ms|up|restarts_total)$') AND service = {service:String} AND environment = {environment:String}
GROUP BY service, environment, signal
-- {"start":1767614400000,"end":1767618000000,"environment":"production","service":"shop","target":500000000,"slack":600000}
