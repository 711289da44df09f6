export { CachedEngine } from './cache/cached-engine.ts';
export { createPromqlEngine } from './engine.ts';
export type {
  InstantResult,
  PromqlAnswer,
  PromqlEngine,
  PromqlLimits,
  PromqlQueryOptions,
  RangeResult,
  ResultSample,
  ResultSeries,
} from './engine-contract.ts';
export { sortByLabels } from './evaluation/labels.ts';
export { type ExplainedTimes, type Explanation, explainQuery } from './explain/explain-query.ts';
export { MetricUsage } from './explain/metric-usage.ts';
export { wasReset } from './histogram/resets.ts';
export { DEFAULT_LIMITS } from './limits.ts';
export { compileMatchers } from './matcher.ts';
export type { SeriesSource, SourceSeries } from './series-source.ts';
export { aggregateBy, anyOf, call, overRange, selector } from './syntax/build.ts';
export { typeOf } from './syntax/check.ts';
export type { DurationExpression, Expression, TimeModifiers, ValueType } from './syntax/expression.ts';
export { formatPromql } from './syntax/format.ts';
export { parsePromql } from './syntax/parser.ts';
export { selectorsOf } from './syntax/selectors-of.ts';
export { SIGNATURES } from './syntax/signatures.ts';
