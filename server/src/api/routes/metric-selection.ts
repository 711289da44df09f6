import { invalid } from '../../model/errors.ts';
import type { LabelMatcher } from '../../model/label-matcher.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { environmentOf, serviceMatchers, serviceOfLabels } from '../../model/service.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { aggregateBy, anyOf, type Expression, selector } from '../../query/promql/index.ts';
import type { MetricStore } from '../../stores/telemetry/index.ts';
import type { AGGREGATES } from '../contract/metrics.ts';

/** What a request says about the series that it wants. */
export interface SeriesWish {
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
  readonly label?: readonly (readonly [string, string])[] | undefined;
  readonly aggregate?: (typeof AGGREGATES)[number] | undefined;
  readonly by?: readonly string[] | undefined;
}

type SeriesIndex = Pick<MetricStore, 'series'>;
type Selector = ReturnType<typeof selector>;

/** The labels of a service's and environment's series that have samples in the range, by the rules of identity. */
export async function seriesOf(wish: SeriesWish, range: TimeRange, index: SeriesIndex): Promise<Labels[]> {
  const sets = wish.service === undefined ? [] : serviceMatchers(wish.service);
  const found = await index.series(sets, range);
  return found.filter((labels) => belongs(labels, wish));
}

function belongs(labels: Labels, { service, environment }: SeriesWish): boolean {
  if (service !== undefined && serviceOfLabels(labels) !== service) return false;
  return environment === undefined || environmentOf(labels) === environment;
}

/**
 * The expression for a metric's wished series, `shape` laid over each selector; `undefined` where none has samples.
 * Which labels tell service and environment differs from series to series, hence one selector for each way found.
 */
export async function expressionFor(
  name: string,
  wish: SeriesWish,
  range: TimeRange,
  index: SeriesIndex,
  shape: (selector: Selector) => Expression,
): Promise<Expression | undefined> {
  if (wish.by && !wish.aggregate) throw invalid({ path: 'by', message: 'needs aggregate=sum, avg, min, max or count' });
  const base: LabelMatcher[] = [
    { name: METRIC_NAME, operator: '=', value: name },
    ...(wish.label ?? []).map(([key, value]): LabelMatcher => ({ name: key, operator: '=', value })),
  ];
  const selectors = await selectorsFor(base, wish, range, index);
  if (selectors.length === 0) return undefined;
  const all = anyOf(selectors.map(shape));
  return wish.aggregate ? aggregateBy(wish.aggregate, all, wish.by ?? []) : all;
}

async function selectorsFor(
  base: readonly LabelMatcher[],
  wish: SeriesWish,
  range: TimeRange,
  index: SeriesIndex,
): Promise<Selector[]> {
  if (wish.service === undefined && wish.environment === undefined) return [selector(base)];
  const services = wish.service === undefined ? [[]] : serviceMatchers(wish.service);
  const environments = wish.environment === undefined ? [[]] : environmentMatchers(wish.environment);
  const sets = services.flatMap((service) => environments.map((environment) => [...base, ...service, ...environment]));
  const found = await Promise.all(sets.map(async (set) => (await index.series([set], range, 1)).length > 0));
  return sets.filter((_, position) => found[position]).map(selector);
}

/** Matcher sets, one of which holds exactly where `environmentOf` gives `environment`. */
function environmentMatchers(environment: string): LabelMatcher[][] {
  const sources = ['deployment.environment.name', 'deployment.environment', 'environment'];
  return sources.map((source, position) => [
    { name: source, operator: '=', value: environment },
    ...sources.slice(0, position).map((name): LabelMatcher => ({ name, operator: '=', value: '' })),
  ]);
}
