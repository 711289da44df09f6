import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import { explainQuery, type MetricUsage, type PromqlEngine } from '../../query/promql/index.ts';
import type { MetricStore } from '../../stores/telemetry/index.ts';
import { countLabels, largest, metricsOf, perLabel, valuesOf } from '../cardinality.ts';
import {
  type CardinalityAnswer,
  cardinalityAnswer,
  cardinalityQuery,
  type ExplainAnswer,
  explainAnswer,
  explainParameters,
  type UnusedAnswer,
  unusedAnswer,
  unusedQuery,
} from '../contract/metric-explorer.ts';
import { explanationOf, queryTimes } from '../explanation.ts';
import { resolveWindow } from '../window.ts';

export interface MetricExplorerDependencies {
  readonly engine: PromqlEngine;
  readonly store: Pick<MetricStore, 'describe' | 'series'>;
  readonly usage: Pick<MetricUsage, 'observedSince' | 'lastUsed'>;
  readonly clock: Clock;
}

const DAY = 86_400_000;

/** What the explorer of metrics asks besides values. */
export function metricExplorerRoutes(dependencies: MetricExplorerDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/monitoring/metrics/cardinality',
      tag: 'monitoring',
      summary: 'Which metrics and labels have the most series',
      description: 'Of series seen in the last hour, or between `start` and `end`.',
      scope: 'read',
      query: cardinalityQuery,
      success: { status: 200, schema: cardinalityAnswer },
      handle: ({ query }) => answerCardinality(query, dependencies),
    }),
    route({
      method: 'GET',
      path: '/api/monitoring/metrics/unused',
      tag: 'monitoring',
      summary: 'Metrics that no query and no rule has asked for',
      scope: 'read',
      query: unusedQuery,
      success: { status: 200, schema: unusedAnswer },
      handle: ({ query }) => answerUnused(query, dependencies),
    }),
    route({
      method: 'GET',
      path: '/api/monitoring/metrics/explain',
      tag: 'monitoring',
      summary: 'Runs a PromQL query and tells what each part of it gives and takes',
      scope: 'read',
      query: explainParameters,
      success: { status: 200, schema: explainAnswer },
      handle: async ({ query, signal }): Promise<ExplainAnswer> => {
        const times = queryTimes(query, dependencies.clock.now());
        const { engine } = dependencies;
        return explanationOf(await explainQuery(engine, query.query, times, () => performance.now(), { signal }));
      },
    }),
  ];
}

interface CardinalityWish {
  readonly metric?: string | undefined;
  readonly label?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly limit: number;
}

async function answerCardinality(
  { metric, label, limit, ...times }: CardinalityWish,
  { store, clock }: MetricExplorerDependencies,
): Promise<CardinalityAnswer> {
  const window = resolveWindow(times, clock.now());
  const matchers = metric === undefined ? [] : [{ name: METRIC_NAME, operator: '=', value: metric } as const];
  const counts = await countLabels(await store.series([matchers], window));
  const labels = perLabel(counts, (values) => values.size);
  const seriesOf = new Map(perLabel(counts, total).map(({ name, value }) => [name, value]));
  return {
    start: formatInstant(window.start),
    end: formatInstant(window.end),
    series: counts.series,
    label_pairs: labels.reduce((sum, { value }) => sum + value, 0),
    metrics: largest(metricsOf(counts), limit).map(({ name, value }) => ({ name, series: value })),
    labels: largest(labels, limit).map(({ name, value }) => ({ name, values: value, series: seriesOf.get(name)! })),
    values:
      label === undefined
        ? []
        : largest(valuesOf(counts, label), limit).map(({ name, value }) => ({ value: name, series: value })),
  };
}

function total(values: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of values.values()) sum += count;
  return sum;
}

async function answerUnused(
  { days, limit }: { readonly days: number; readonly limit: number },
  { store, usage, clock }: MetricExplorerDependencies,
): Promise<UnusedAnswer> {
  const since = clock.now() - days * DAY;
  const unused = (await store.describe())
    .map((metric) => ({ ...metric, lastUsed: usage.lastUsed(metric.name) }))
    .filter(({ lastUsed }) => lastUsed === undefined || lastUsed < since)
    .sort((a, b) => b.seriesCount - a.seriesCount || (a.name < b.name ? -1 : 1));
  return {
    observed_since: formatInstant(usage.observedSince),
    metrics: unused.length,
    series: unused.reduce((sum, { seriesCount }) => sum + seriesCount, 0),
    items: unused.slice(0, limit).map(({ name, type, help, seriesCount, lastUsed }) => ({
      name,
      type,
      help,
      series_count: seriesCount,
      last_used: lastUsed === undefined ? null : formatInstant(lastUsed),
    })),
  };
}
