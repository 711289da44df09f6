import { BUCKET, lastBucket, type Rolling, samplesOf, versionOf } from './roll-day.ts';

const STALE = 'reinterpretAsUInt64(value) = 0x7ff0000000000002';

/** Samples, each bucket to one row. A statement takes a second or two, and some megabytes. */
export const ROLLING_SAMPLES: Rolling = {
  source: 'metric_samples',
  target: 'metric_rollups',
  mostRows: 1_000_000,
  rollUp: (day, condition) => `INSERT INTO metric_rollups
  (metric, series, bucket, first_timestamp, first_value, timestamp, value, count, min, max, sum, drops, ended, version)
SELECT metric, series, bucket,
  if(empty(samples), ended, samples[1].1), samples[1].2,
  if(empty(samples), ended, samples[-1].1), samples[-1].2,
  length(samples),
  if(empty(numbers), nan, arrayMin(numbers)), if(empty(numbers), nan, arrayMax(numbers)), arraySum(samples.2),
  arraySum((value, before) -> if(value < before, before, 0), arrayPopFront(samples.2), arrayPopBack(samples.2)),
  ended, ${versionOf('length(samples)', 'newest')}
FROM (
  SELECT metric, series, ${BUCKET} AS bucket,
    arraySort(groupArrayIf((timestamp, value), NOT (${STALE}))) AS samples,
    arrayFilter(number -> NOT isNaN(number), samples.2) AS numbers,
    maxIf(timestamp, ${STALE}) AS staleAt,
    if(staleAt > samples[-1].1, staleAt, fromUnixTimestamp64Milli(0, 'UTC')) AS ended,
    max(version) AS newest
  FROM metric_samples FINAL
  WHERE ${samplesOf(day)} AND ${condition}
  GROUP BY metric, series, bucket
)`,
  mark: (day, version) => `INSERT INTO metric_rollups (metric, series, bucket, sum, version)
SELECT '', 0, ${lastBucket(day)}, sum(count), ${version} FROM metric_rollups FINAL
WHERE toDate(bucket - 1) = '${day}' AND metric != ''`,
};
