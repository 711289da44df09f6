/**
 * What is left of native histograms beyond the histograms themselves: of each series and five minutes (which end at
 * `bucket`) the first, the last, those around a reset, and stale markers; `samples` is how many there were. Only rows
 * with the highest version of their bucket count. A row of metric '' says that its day is whole, as in `metric_rollups`.
 */
const METRIC_HISTOGRAM_ROLLUPS = `
CREATE TABLE IF NOT EXISTS metric_histogram_rollups (
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
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toDate(bucket - 1)
ORDER BY (metric, series, timestamp)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120`;

export const VERSION_5: readonly string[] = [METRIC_HISTOGRAM_ROLLUPS.trim()];
