import type { ValueType } from './expression.ts';

export interface Signature {
  readonly arguments: readonly ValueType[];
  /** How many of the last arguments may be left out; `many`: the last one may come any number of times, also none. */
  readonly optional: number | 'many';
  readonly returns: ValueType;
}

const V = 'instant vector';
const R = 'range vector';
const S = 'scalar';
const T = 'string';

function of(returns: ValueType, args: readonly ValueType[], optional: number | 'many' = 0): Signature {
  return { arguments: args, optional, returns };
}

const ELEMENTWISE =
  'abs acos acosh asin asinh atan atanh ceil cos cosh deg exp floor ln log10 log2 rad sgn sin sinh sqrt tan tanh ' +
  'absent histogram_avg histogram_count histogram_stddev histogram_stdvar histogram_sum sort sort_desc ' +
  'start_timestamp timestamp';
const CALENDAR = 'day_of_month day_of_week day_of_year days_in_month hour minute month year';
const WINDOWED =
  'absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta increase irate ' +
  'last_over_time mad_over_time max_over_time min_over_time present_over_time rate resets stddev_over_time ' +
  'stdvar_over_time sum_over_time ts_of_first_over_time ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time';
const CONSTANT = 'time pi start end step range';

function each(names: string, signature: Signature): [string, Signature][] {
  return names.split(' ').map((name) => [name, signature]);
}

/** All functions of Prometheus 3. https://prometheus.io/docs/prometheus/latest/querying/functions/ */
export const SIGNATURES: ReadonlyMap<string, Signature> = new Map([
  ...each(ELEMENTWISE, of(V, [V])),
  ...each(CALENDAR, of(V, [V], 1)),
  ...each(WINDOWED, of(V, [R])),
  ...each(CONSTANT, of(S, [])),
  ...each('min_of max_of', of(S, [S, S])),
  ...each('sort_by_label sort_by_label_desc', of(V, [V, T], 'many')),
  ['clamp', of(V, [V, S, S])],
  ['clamp_max', of(V, [V, S])],
  ['clamp_min', of(V, [V, S])],
  ['double_exponential_smoothing', of(V, [R, S, S])],
  ['histogram_fraction', of(V, [S, S, V])],
  ['histogram_quantile', of(V, [S, V])],
  ['histogram_quantiles', of(V, [V, T, S, S], 'many')],
  ['info', of(V, [V, V], 1)],
  ['label_join', of(V, [V, T, T, T], 'many')],
  ['label_replace', of(V, [V, T, T, T, T])],
  ['predict_linear', of(V, [R, S])],
  ['quantile_over_time', of(V, [S, R])],
  ['round', of(V, [V, S], 1)],
  ['scalar', of(S, [V])],
  ['vector', of(V, [S])],
]);
