SELECT ServiceName AS service, '' AS environment, 
  sum(Count) AS requests,
  sumIf(Count, StatusCode = 'Error') AS errors,
  sum(DurationSum) / 1e6 AS total,
  sumMap(DurationBuckets) AS buckets,
  sumMapIf(DurationBuckets, StatusCode != 'Error') AS good_buckets,
  toUnixTimestamp(max(Timestamp)) * 1000 AS last_seen
FROM span_metrics WHERE Timestamp >= toStartOfMinute(toDateTime(intDiv({start:Int64}, 1000), 'UTC'))
    AND Timestamp < toDateTime(intDiv({end:Int64} + 999, 1000), 'UTC') AND (SpanKind IN ('Server', 'Consumer') OR IsRoot = 1) AND Environment = {environment:String}
GROUP BY service, environment ORDER BY service, environment
-- {"start":1767614400000,"end":1767625200000,"environment":"production","target":500000000,"slack":600000}
