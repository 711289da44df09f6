WITH bitAnd(cityHash64(ServiceName, SeverityNumber, SeverityText, TraceId, SpanId, Body, mapKeys(LogAttributes), mapValues(LogAttributes), mapKeys(ResourceAttributes), mapValues(ResourceAttributes), ScopeName, ScopeVersion), 18014398509481983) AS ContentHash
SELECT toString(toUnixTimestamp64Nano(Timestamp)) AS Time, toString(ContentHash) AS Hash, TraceId, SpanId, SeverityText,
  SeverityNumber, ServiceName, Body, ResourceAttributes, ScopeName, ScopeVersion, LogAttributes
FROM otel_logs
WHERE Timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC')
  AND Timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
  AND ServiceName = {p3:String}
  AND multiIf(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'], ResourceAttributes['environment']) = {p4:String}
  AND TraceId = {p5:String}
  AND SeverityNumber >= 13
  AND (LogAttributes[{p6:String}] = {p7:String} OR ResourceAttributes[{p6:String}] = {p7:String})
  AND ((mapContains(LogAttributes, {p8:String}) AND LogAttributes[{p8:String}] = '') OR (mapContains(ResourceAttributes, {p8:String}) AND ResourceAttributes[{p8:String}] = ''))
  AND (hasAllTokens(lower(Body), {p10:String}) AND NOT ((hasAllTokens(lower(Body), {p11:String}) AND position(lower(Body), {p12:String}) > 0 AND match(Body, {p13:String}))) AND ((lower(Body) LIKE {p14:String} AND match(Body, {p15:String})) OR match(Body, {p16:String}) OR (hasAnyTokens(lower(Body), {p17:String}) AND match(Body, {p18:String}))) AND (SeverityNumber BETWEEN 1 AND 20) AND (ifNull(toFloat64OrNull(LogAttributes[{p19:String}]) >= {p20:Float64}, false) OR ifNull(toFloat64OrNull(ResourceAttributes[{p19:String}]) >= {p20:Float64}, false)) AND (LogAttributes[{p21:String}] LIKE {p22:String} OR ResourceAttributes[{p21:String}] LIKE {p22:String}) AND ((mapContains(LogAttributes, {p23:String}) AND match(LogAttributes[{p23:String}], {p24:String})) OR (mapContains(ResourceAttributes, {p23:String}) AND match(ResourceAttributes[{p23:String}], {p24:String}))) AND TraceId LIKE {p25:String})
  AND Timestamp <= fromUnixTimestamp64Nano({p27:Int64}, 'UTC')
  AND (Timestamp < fromUnixTimestamp64Nano({p27:Int64}, 'UTC') OR ContentHash <= {p28:UInt64})
  AND Timestamp >= (
    SELECT if(count() = 0, fromUnixTimestamp64Nano({p27:Int64}, 'UTC'), min(Timestamp))
    FROM (
      SELECT Timestamp, sum(length(Body)) OVER (ORDER BY Timestamp DESC ROWS UNBOUNDED PRECEDING) - length(Body) AS Before
      FROM (
        SELECT Timestamp, Body
        FROM otel_logs
        WHERE Timestamp >= fromUnixTimestamp64Nano({p1:Int64}, 'UTC')
          AND Timestamp < fromUnixTimestamp64Nano({p2:Int64}, 'UTC')
          AND ServiceName = {p3:String}
          AND multiIf(ResourceAttributes['deployment.environment.name'] != '', ResourceAttributes['deployment.environment.name'], ResourceAttributes['deployment.environment'] != '', ResourceAttributes['deployment.environment'], ResourceAttributes['environment']) = {p4:String}
          AND TraceId = {p5:String}
          AND SeverityNumber >= 13
          AND (LogAttributes[{p6:String}] = {p7:String} OR ResourceAttributes[{p6:String}] = {p7:String})
          AND ((mapContains(LogAttributes, {p8:String}) AND LogAttributes[{p8:String}] = '') OR (mapContains(ResourceAttributes, {p8:String}) AND ResourceAttributes[{p8:String}] = ''))
          AND (hasAllTokens(lower(Body), {p10:String}) AND NOT ((hasAllTokens(lower(Body), {p11:String}) AND position(lower(Body), {p12:String}) > 0 AND match(Body, {p13:String}))) AND ((lower(Body) LIKE {p14:String} AND match(Body, {p15:String})) OR match(Body, {p16:String}) OR (hasAnyTokens(lower(Body), {p17:String}) AND match(Body, {p18:String}))) AND (SeverityNumber BETWEEN 1 AND 20) AND (ifNull(toFloat64OrNull(LogAttributes[{p19:String}]) >= {p20:Float64}, false) OR ifNull(toFloat64OrNull(ResourceAttributes[{p19:String}]) >= {p20:Float64}, false)) AND (LogAttributes[{p21:String}] LIKE {p22:String} OR ResourceAttributes[{p21:String}] LIKE {p22:String}) AND ((mapContains(LogAttributes, {p23:String}) AND match(LogAttributes[{p23:String}], {p24:String})) OR (mapContains(ResourceAttributes, {p23:String}) AND match(ResourceAttributes[{p23:String}], {p24:String}))) AND TraceId LIKE {p25:String})
          AND Timestamp < fromUnixTimestamp64Nano({p27:Int64}, 'UTC')
        ORDER BY Timestamp DESC
        LIMIT {p26:UInt32}
      )
    )
    WHERE Before < 16777216
  )
ORDER BY Timestamp DESC, ContentHash DESC
LIMIT {p26:UInt32} OFFSET {p29:UInt32}
SETTINGS max_execution_time = 20, use_top_k_dynamic_filtering = 0
-- {"p1":"1767609600000000000","p2":"1767613200000000000","p3":"o'hara/shop","p4":"production","p5":"5b8efff798038103d269b633813fc60c","p6":"http.route","p7":"/orders","p8":"flag","p9":"","p10":"timeout","p11":"connection refused","p12":"connection refused","p13":"(?i)(?:^|[\\x00-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7f])(Connection refused)(?:$|[\\x00-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7f])","p14":"%conn%","p15":"(?i)(?:^|[\\x00-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7f])(conn\\S*ed)(?:$|[\\x00-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7f])","p16":"E[0-9]+","p17":"größe gröSSe grÖße grÖSSe","p18":"(?i)(?:^|[\\x00-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7f])(Größe)(?:$|[\\x00-\\x2f\\x3a-\\x40\\x5b-\\x60\\x7b-\\x7f])","p19":"http.status","p20":500,"p21":"http.route","p22":"/a\\_%","p23":"user","p24":"^a","p25":"abc%","p26":51,"p27":"1767609600123456789","p28":"42","p29":2}
