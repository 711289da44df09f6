import { BUCKET, lastBucket, type Rolling, samplesOf, versionOf } from './roll-day.ts';

const COLUMNS = `start_timestamp, schema, count, sum, zero_threshold, zero_count, positive_spans, positive_deltas,
  positive_counts, negative_spans, negative_deltas, negative_counts, custom_bounds, reset_hint, flags`;

/** What makes a row the beginning of something new: a histogram with other buckets, or one that fell. */
const BEGINS = [
  'flags != before.flags',
  'start_timestamp != before.start_timestamp',
  "reset_hint = 'reset'",
  'count < before.count',
  ...['schema', 'zero_threshold', 'positive_spans', 'negative_spans', 'custom_bounds'].map(
    (column) => `${column} != before.${column}`,
  ),
  'zero_count < before.zero_count',
  ...['positive_deltas', 'negative_deltas'].map((column) =>
    fell(`arrayCumSum(${column})`, `arrayCumSum(before.${column})`),
  ),
  ...['positive_counts', 'negative_counts'].map((column) => fell(column, `before.${column}`)),
].join(' OR ');

function fell(counts: string, before: string): string {
  const same = `arrayResize(${before}, length(${counts}))`;
  return `arrayExists((count, previous) -> count < previous, ${counts}, ${same})`;
}

/** Native histograms, of each bucket the few that say how they grew. Rows are a kilobyte each. */
export const ROLLING_HISTOGRAMS: Rolling = {
  source: 'metric_histograms',
  target: 'metric_histogram_rollups',
  mostRows: 50_000,
  rollUp: (day, condition) => `INSERT INTO metric_histogram_rollups
  (metric, series, bucket, samples, timestamp, ${COLUMNS}, version)
SELECT metric, series, bucket, samples, timestamp, ${COLUMNS}, ${versionOf('samples', 'newest')}
FROM (
  SELECT *, leadInFrame(begins, 1, 0) OVER (
    PARTITION BY metric, series ORDER BY timestamp ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS beginsNext
  FROM (
    SELECT *, reset_hint != 'gauge' AND (${BEGINS}) AS begins
    FROM (
      SELECT *, ${BUCKET} AS bucket,
        countIf(flags = 0) OVER whole AS samples, max(version) OVER whole AS newest,
        min(timestamp) OVER whole AS first, max(timestamp) OVER whole AS last,
        lagInFrame(CAST((start_timestamp, schema, count, zero_threshold, zero_count, positive_spans, positive_deltas,
          positive_counts, negative_spans, negative_deltas, negative_counts, custom_bounds, flags),
          'Tuple(start_timestamp DateTime64(3, \\'UTC\\'), schema Int8, count Float64, zero_threshold Float64, zero_count Float64,
            positive_spans Array(Int32), positive_deltas Array(Int64), positive_counts Array(Float64),
            negative_spans Array(Int32), negative_deltas Array(Int64), negative_counts Array(Float64),
            custom_bounds Array(Float64), flags UInt8)')) OVER (
          PARTITION BY metric, series ORDER BY timestamp ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS before
      FROM metric_histograms FINAL
      WHERE ${samplesOf(day)} AND ${condition}
      WINDOW whole AS (PARTITION BY metric, series, bucket)
    )
  )
)
WHERE timestamp = first OR timestamp = last OR begins OR beginsNext`,
  mark: (day, version) => `INSERT INTO metric_histogram_rollups (metric, series, bucket, timestamp, version)
SELECT '', 0, ${lastBucket(day)}, ${lastBucket(day)}, ${version}`,
};
