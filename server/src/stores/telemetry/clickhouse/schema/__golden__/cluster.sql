CREATE TABLE IF NOT EXISTS schema_migrations_local ON CLUSTER 'telemetry' (
  version UInt32,
  applied_at DateTime('UTC') DEFAULT now('UTC')
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
ORDER BY version;

CREATE TABLE IF NOT EXISTS schema_migrations ON CLUSTER 'telemetry' AS schema_migrations_local ENGINE = Distributed('telemetry', 'otel', 'schema_migrations_local', cityHash64(version));

CREATE TABLE IF NOT EXISTS otel_logs_local ON CLUSTER 'telemetry' (
  Timestamp DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
  ObservedTimestamp DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
  TraceId String CODEC(ZSTD(1)),
  SpanId String CODEC(ZSTD(1)),
  TraceFlags UInt8 CODEC(ZSTD(1)),
  SeverityText LowCardinality(String) CODEC(ZSTD(1)),
  SeverityNumber UInt8 CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  Body String CODEC(ZSTD(1)),
  ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ScopeName LowCardinality(String) CODEC(ZSTD(1)),
  ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
  ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  LogAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  EventName LowCardinality(String) CODEC(ZSTD(1)),
  INDEX idx_timestamp Timestamp TYPE minmax GRANULARITY 1,
  INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_resource_key mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_resource_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_log_key mapKeys(LogAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_log_value mapValues(LogAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_body lower(Body) TYPE text(tokenizer = 'splitByNonAlpha', posting_list_codec = 'bitpacking')
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, Timestamp)
SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120;

CREATE TABLE IF NOT EXISTS otel_logs ON CLUSTER 'telemetry' AS otel_logs_local ENGINE = Distributed('telemetry', 'otel', 'otel_logs_local', cityHash64(ServiceName, Timestamp));

CREATE TABLE IF NOT EXISTS otel_traces_local ON CLUSTER 'telemetry' (
  Timestamp DateTime64(9, 'UTC') CODEC(Delta(8), ZSTD(1)),
  TraceId String CODEC(ZSTD(1)),
  SpanId String CODEC(ZSTD(1)),
  ParentSpanId String CODEC(ZSTD(1)),
  TraceState String CODEC(ZSTD(1)),
  Flags UInt32 CODEC(ZSTD(1)),
  SpanName LowCardinality(String) CODEC(ZSTD(1)),
  SpanKind LowCardinality(String) CODEC(ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  ResourceSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ResourceAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  ScopeSchemaUrl LowCardinality(String) CODEC(ZSTD(1)),
  ScopeName LowCardinality(String) CODEC(ZSTD(1)),
  ScopeVersion LowCardinality(String) CODEC(ZSTD(1)),
  ScopeAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  SpanAttributes Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  Duration UInt64 CODEC(ZSTD(1)),
  StatusCode LowCardinality(String) CODEC(ZSTD(1)),
  StatusMessage String CODEC(ZSTD(1)),
  Events Nested (
    Timestamp DateTime64(9, 'UTC'),
    Name LowCardinality(String),
    Attributes Map(LowCardinality(String), String)
  ) CODEC(ZSTD(1)),
  Links Nested (
    TraceId String,
    SpanId String,
    TraceState String,
    Attributes Map(LowCardinality(String), String)
  ) CODEC(ZSTD(1)),
  INDEX idx_timestamp Timestamp TYPE minmax GRANULARITY 1,
  INDEX idx_trace_id TraceId TYPE bloom_filter(0.001) GRANULARITY 1,
  INDEX idx_resource_key mapKeys(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_resource_value mapValues(ResourceAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_span_key mapKeys(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_span_value mapValues(SpanAttributes) TYPE bloom_filter(0.01) GRANULARITY 1,
  INDEX idx_duration Duration TYPE minmax GRANULARITY 1
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, SpanName, toDateTime(Timestamp))
SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120;

CREATE TABLE IF NOT EXISTS otel_traces ON CLUSTER 'telemetry' AS otel_traces_local ENGINE = Distributed('telemetry', 'otel', 'otel_traces_local', cityHash64(TraceId));

CREATE TABLE IF NOT EXISTS otel_traces_trace_id_ts_local ON CLUSTER 'telemetry' (
  TraceId String CODEC(ZSTD(1)),
  Start DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  End DateTime('UTC') CODEC(Delta(4), ZSTD(1)),
  INDEX idx_trace_id TraceId TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplicatedMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toDate(Start)
ORDER BY (TraceId, Start)
SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120;

CREATE TABLE IF NOT EXISTS otel_traces_trace_id_ts ON CLUSTER 'telemetry' AS otel_traces_trace_id_ts_local ENGINE = Distributed('telemetry', 'otel', 'otel_traces_trace_id_ts_local', cityHash64(TraceId));

CREATE MATERIALIZED VIEW IF NOT EXISTS otel_traces_trace_id_ts_mv ON CLUSTER 'telemetry' TO otel_traces_trace_id_ts_local AS
SELECT TraceId, toDateTime(min(Timestamp), 'UTC') AS Start, toDateTime(max(Timestamp), 'UTC') AS End
FROM otel_traces_local AS otel_traces
WHERE TraceId != ''
GROUP BY TraceId;

CREATE TABLE IF NOT EXISTS span_metrics_local ON CLUSTER 'telemetry' (
  Timestamp DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  ServiceName LowCardinality(String) CODEC(ZSTD(1)),
  Environment LowCardinality(String) CODEC(ZSTD(1)),
  SpanName LowCardinality(String) CODEC(ZSTD(1)),
  SpanKind LowCardinality(String) CODEC(ZSTD(1)),
  StatusCode LowCardinality(String) CODEC(ZSTD(1)),
  IsRoot UInt8 CODEC(ZSTD(1)),
  Count SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  DurationSum SimpleAggregateFunction(sum, UInt64) CODEC(ZSTD(1)),
  DurationBuckets SimpleAggregateFunction(sumMap, Map(Int16, UInt64)) CODEC(ZSTD(1))
) ENGINE = ReplicatedAggregatingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toDate(Timestamp)
ORDER BY (ServiceName, Timestamp, SpanName, SpanKind, StatusCode, IsRoot, Environment)
SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120;

CREATE TABLE IF NOT EXISTS span_metrics ON CLUSTER 'telemetry' AS span_metrics_local ENGINE = Distributed('telemetry', 'otel', 'span_metrics_local', cityHash64(ServiceName, Timestamp, SpanName, SpanKind, StatusCode, IsRoot, Environment));

CREATE MATERIALIZED VIEW IF NOT EXISTS span_metrics_mv ON CLUSTER 'telemetry' TO span_metrics_local AS
SELECT
  toStartOfMinute(toDateTime(otel_traces.Timestamp, 'UTC')) AS Timestamp,
  ServiceName,
  multiIf(
    ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'],
    ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'],
    ResourceAttributes['environment']) AS Environment,
  SpanName,
  SpanKind,
  StatusCode,
  toUInt8(ParentSpanId = '') AS IsRoot,
  count() AS Count,
  sum(Duration) AS DurationSum,
  sumMap(map(toInt16(ceil(log2(greatest(Duration, 1)) * 16)), toUInt64(1))) AS DurationBuckets
FROM otel_traces_local AS otel_traces
GROUP BY Timestamp, ServiceName, Environment, SpanName, SpanKind, StatusCode, IsRoot;

CREATE TABLE IF NOT EXISTS metric_series_local ON CLUSTER 'telemetry' (
  metric LowCardinality(String) CODEC(ZSTD(1)),
  series UInt64 CODEC(ZSTD(1)),
  labels Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  type LowCardinality(String) CODEC(ZSTD(1)),
  unit LowCardinality(String) CODEC(ZSTD(1)),
  help LowCardinality(String) CODEC(ZSTD(1)),
  first_seen DateTime64(3, 'UTC') CODEC(ZSTD(1)),
  last_seen DateTime64(3, 'UTC') CODEC(ZSTD(1)),
  version UInt64 CODEC(ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', version)
ORDER BY (metric, series)
SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120;

CREATE TABLE IF NOT EXISTS metric_series ON CLUSTER 'telemetry' AS metric_series_local ENGINE = Distributed('telemetry', 'otel', 'metric_series_local', series);

CREATE TABLE IF NOT EXISTS metric_samples_local ON CLUSTER 'telemetry' (
  metric LowCardinality(String) CODEC(ZSTD(1)),
  series UInt64 CODEC(ZSTD(1)),
  timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  value Float64 CODEC(Delta(8), ZSTD(1)),
  version UInt64 CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', version)
PARTITION BY toDate(timestamp)
ORDER BY (metric, series, timestamp)
SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120;

CREATE TABLE IF NOT EXISTS metric_samples ON CLUSTER 'telemetry' AS metric_samples_local ENGINE = Distributed('telemetry', 'otel', 'metric_samples_local', series);

CREATE TABLE IF NOT EXISTS metric_histograms_local ON CLUSTER 'telemetry' (
  metric LowCardinality(String) CODEC(ZSTD(1)),
  series UInt64 CODEC(ZSTD(1)),
  timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  start_timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  schema Int8 CODEC(ZSTD(1)),
  count Float64 CODEC(Delta(8), ZSTD(1)),
  sum Float64 CODEC(ZSTD(1)),
  zero_threshold Float64 CODEC(ZSTD(1)),
  zero_count Float64 CODEC(Delta(8), ZSTD(1)),
  positive_spans Array(Int32) CODEC(ZSTD(1)),
  positive_deltas Array(Int64) CODEC(ZSTD(1)),
  positive_counts Array(Float64) CODEC(ZSTD(1)),
  negative_spans Array(Int32) CODEC(ZSTD(1)),
  negative_deltas Array(Int64) CODEC(ZSTD(1)),
  negative_counts Array(Float64) CODEC(ZSTD(1)),
  custom_bounds Array(Float64) CODEC(ZSTD(1)),
  reset_hint LowCardinality(String) CODEC(ZSTD(1)),
  flags UInt8 CODEC(ZSTD(1)),
  version UInt64 CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', version)
PARTITION BY toDate(timestamp)
ORDER BY (metric, series, timestamp)
SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120;

CREATE TABLE IF NOT EXISTS metric_histograms ON CLUSTER 'telemetry' AS metric_histograms_local ENGINE = Distributed('telemetry', 'otel', 'metric_histograms_local', series);

CREATE TABLE IF NOT EXISTS metric_start_timestamps_local ON CLUSTER 'telemetry' (
  metric LowCardinality(String) CODEC(ZSTD(1)),
  series UInt64 CODEC(ZSTD(1)),
  timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  start_timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  version UInt64 CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', version)
PARTITION BY toDate(timestamp)
ORDER BY (metric, series, timestamp)
SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120;

CREATE TABLE IF NOT EXISTS metric_start_timestamps ON CLUSTER 'telemetry' AS metric_start_timestamps_local ENGINE = Distributed('telemetry', 'otel', 'metric_start_timestamps_local', series);

CREATE TABLE IF NOT EXISTS metric_exemplars_local ON CLUSTER 'telemetry' (
  metric LowCardinality(String) CODEC(ZSTD(1)),
  series UInt64 CODEC(ZSTD(1)),
  timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  value Float64 CODEC(ZSTD(1)),
  trace_id String CODEC(ZSTD(1)),
  span_id String CODEC(ZSTD(1)),
  labels Map(LowCardinality(String), String) CODEC(ZSTD(1)),
  INDEX idx_trace_id trace_id TYPE bloom_filter(0.01) GRANULARITY 1
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}')
PARTITION BY toDate(timestamp)
ORDER BY (metric, series, timestamp, value, trace_id, span_id)
SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120;

CREATE TABLE IF NOT EXISTS metric_exemplars ON CLUSTER 'telemetry' AS metric_exemplars_local ENGINE = Distributed('telemetry', 'otel', 'metric_exemplars_local', series);

INSERT INTO schema_migrations (version) VALUES ({version:UInt32});

ALTER TABLE otel_traces_local ON CLUSTER 'telemetry' DROP INDEX IF EXISTS idx_resource_key;

ALTER TABLE otel_traces_local ON CLUSTER 'telemetry' DROP INDEX IF EXISTS idx_span_key;

INSERT INTO schema_migrations (version) VALUES ({version:UInt32});

CREATE TABLE IF NOT EXISTS metric_rollups_local ON CLUSTER 'telemetry' (
  metric LowCardinality(String) CODEC(ZSTD(1)),
  series UInt64 CODEC(ZSTD(1)),
  bucket DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  first_timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  first_value Float64 CODEC(Delta(8), ZSTD(1)),
  timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  value Float64 CODEC(Delta(8), ZSTD(1)),
  count UInt32 CODEC(ZSTD(1)),
  min Float64 CODEC(Delta(8), ZSTD(1)),
  max Float64 CODEC(Delta(8), ZSTD(1)),
  sum Float64 CODEC(Delta(8), ZSTD(1)),
  drops Float64 CODEC(ZSTD(1)),
  ended DateTime64(3, 'UTC') CODEC(ZSTD(1)),
  version UInt64 CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', version)
PARTITION BY toDate(bucket - 1)
ORDER BY (metric, series, bucket)
SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120;

CREATE TABLE IF NOT EXISTS metric_rollups ON CLUSTER 'telemetry' AS metric_rollups_local ENGINE = Distributed('telemetry', 'otel', 'metric_rollups_local', series);

INSERT INTO schema_migrations (version) VALUES ({version:UInt32});

ALTER TABLE otel_traces_local ON CLUSTER 'telemetry' MODIFY SETTING min_bytes_for_wide_part = 67108864;

ALTER TABLE otel_logs_local ON CLUSTER 'telemetry' MODIFY SETTING min_bytes_for_wide_part = 67108864;

INSERT INTO schema_migrations (version) VALUES ({version:UInt32});

CREATE TABLE IF NOT EXISTS metric_histogram_rollups_local ON CLUSTER 'telemetry' (
  metric LowCardinality(String) CODEC(ZSTD(1)),
  series UInt64 CODEC(ZSTD(1)),
  bucket DateTime('UTC') CODEC(DoubleDelta, ZSTD(1)),
  samples UInt32 CODEC(ZSTD(1)),
  timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  start_timestamp DateTime64(3, 'UTC') CODEC(DoubleDelta, ZSTD(1)),
  schema Int8 CODEC(ZSTD(1)),
  count Float64 CODEC(Delta(8), ZSTD(1)),
  sum Float64 CODEC(ZSTD(1)),
  zero_threshold Float64 CODEC(ZSTD(1)),
  zero_count Float64 CODEC(Delta(8), ZSTD(1)),
  positive_spans Array(Int32) CODEC(ZSTD(1)),
  positive_deltas Array(Int64) CODEC(ZSTD(1)),
  positive_counts Array(Float64) CODEC(ZSTD(1)),
  negative_spans Array(Int32) CODEC(ZSTD(1)),
  negative_deltas Array(Int64) CODEC(ZSTD(1)),
  negative_counts Array(Float64) CODEC(ZSTD(1)),
  custom_bounds Array(Float64) CODEC(ZSTD(1)),
  reset_hint LowCardinality(String) CODEC(ZSTD(1)),
  flags UInt8 CODEC(ZSTD(1)),
  version UInt64 CODEC(Delta(8), ZSTD(1))
) ENGINE = ReplicatedReplacingMergeTree('/clickhouse/tables/{uuid}/{shard}', '{replica}', version)
PARTITION BY toDate(bucket - 1)
ORDER BY (metric, series, timestamp)
SETTINGS replicated_deduplication_window = 1000, replicated_deduplication_window_seconds = 604800, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120;

CREATE TABLE IF NOT EXISTS metric_histogram_rollups ON CLUSTER 'telemetry' AS metric_histogram_rollups_local ENGINE = Distributed('telemetry', 'otel', 'metric_histogram_rollups_local', series);

INSERT INTO schema_migrations (version) VALUES ({version:UInt32});

ALTER TABLE metric_samples_local ON CLUSTER 'telemetry' MODIFY SETTING merge_selector_base = 10;

INSERT INTO schema_migrations (version) VALUES ({version:UInt32});

ALTER TABLE otel_logs_local ON CLUSTER 'telemetry' MODIFY TTL toDateTime(Timestamp) + toIntervalSecond(1209600) SETTINGS alter_sync = 0;

ALTER TABLE otel_traces_local ON CLUSTER 'telemetry' MODIFY TTL toDateTime(Timestamp) + toIntervalSecond(604800) SETTINGS alter_sync = 0;

ALTER TABLE otel_traces_trace_id_ts_local ON CLUSTER 'telemetry' MODIFY TTL toDateTime(Start) + toIntervalSecond(604800) SETTINGS alter_sync = 0;

ALTER TABLE span_metrics_local ON CLUSTER 'telemetry' MODIFY TTL toDateTime(Timestamp) + toIntervalSecond(2592000) SETTINGS alter_sync = 0;

ALTER TABLE metric_series_local ON CLUSTER 'telemetry' MODIFY TTL toDateTime(last_seen) + toIntervalSecond(2592000) SETTINGS alter_sync = 0;

ALTER TABLE metric_samples_local ON CLUSTER 'telemetry' MODIFY TTL toDateTime(timestamp) + toIntervalSecond(2592000) SETTINGS alter_sync = 0;

ALTER TABLE metric_rollups_local ON CLUSTER 'telemetry' MODIFY TTL toDateTime(bucket) + toIntervalSecond(2592000) SETTINGS alter_sync = 0;

ALTER TABLE metric_histogram_rollups_local ON CLUSTER 'telemetry' MODIFY TTL toDateTime(bucket) + toIntervalSecond(2592000) SETTINGS alter_sync = 0;

ALTER TABLE metric_histograms_local ON CLUSTER 'telemetry' MODIFY TTL toDateTime(timestamp) + toIntervalSecond(2592000) SETTINGS alter_sync = 0;

ALTER TABLE metric_start_timestamps_local ON CLUSTER 'telemetry' MODIFY TTL toDateTime(timestamp) + toIntervalSecond(2592000) SETTINGS alter_sync = 0;

ALTER TABLE metric_exemplars_local ON CLUSTER 'telemetry' MODIFY TTL toDateTime(timestamp) + toIntervalSecond(2592000) SETTINGS alter_sync = 0;
