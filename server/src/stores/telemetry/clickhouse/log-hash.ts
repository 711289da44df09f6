/**
 * SQL of the part of a log record's id that comes from its content (`model/log-id.ts`): of two records of the same
 * nanosecond it tells which. Over all other columns of `otel_logs`; never change it, or links to records break.
 */
export const LOG_HASH_SQL =
  'bitAnd(cityHash64(ServiceName, SeverityNumber, SeverityText, TraceId, SpanId, Body, ' +
  'mapKeys(LogAttributes), mapValues(LogAttributes), mapKeys(ResourceAttributes), mapValues(ResourceAttributes), ' +
  'ScopeName, ScopeVersion), 18014398509481983)';
