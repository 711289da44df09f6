/**
 * What five minutes of a series were, for questions that reach beyond the samples themselves: `bucket` is the end, and
 * the samples of `bucket - 5 min < t <= bucket` count. `first_*` and `timestamp`, `value` are its first and last sample;
 * `drops` adds up the values before which a counter fell; `ended` is the time of a stale marker after the last sample,
 * 0 for none. A row of metric '' says that its day is whole, up to the version that it carries.
 */
const METRIC_ROLLUPS = `
CREATE TABLE IF NOT EXISTS metric_rollups (
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
) ENGINE = ReplacingMergeTree(version)
PARTITION BY toDate(bucket - 1)
ORDER BY (metric, series, bucket)
SETTINGS non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1, ttl_only_drop_parts = 1, materialize_ttl_recalculate_only = 1, old_parts_lifetime = 120`;

export const VERSION_3: readonly string[] = [METRIC_ROLLUPS.trim()];
