import { type Route, route } from '../../http/index.ts';
import { closeNames } from '../../lib/close-names.ts';
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, notFound } from '../../model/errors.ts';
import { type Labels, labelsKey, METRIC_NAME } from '../../model/labels.ts';
import { call, overRange, type PromqlEngine, type ResultSeries } from '../../query/promql/index.ts';
import type { MetricDescription, MetricStore } from '../../stores/telemetry/index.ts';
import {
  type MetricAnswer,
  type MetricHistoryAnswer,
  type MetricsAnswer,
  metricAnswer,
  metricHistoryAnswer,
  metricHistoryQuery,
  metricParameters,
  metricQuery,
  metricsAnswer,
  metricsQuery,
  type SystemSnapshot,
} from '../contract/metrics.ts';
import { resolveWindow } from '../window.ts';
import { expressionFor, type SeriesWish, seriesOf } from './metric-selection.ts';

export interface MetricRoutesDependencies {
  readonly engine: PromqlEngine;
  readonly store: Pick<MetricStore, 'describe' | 'series'>;
  /** The own host; `undefined` until it was read. */
  readonly system: { snapshot(): SystemSnapshot | undefined };
  readonly clock: Clock;
}

const DAY = 86_400_000;
/** The engine's lookback: what is older has no newest value. */
const LOOKBACK_MS = 300_000;
/** Long enough for two samples of what is pushed once a minute, with room for one that is late or lost. */
const SHORTEST_RATE_WINDOW_MS = 240_000;
const WANTED_POINTS = 240;
/** Most values of one answer; about 15 MB of JSON. */
const MOST_VALUES = 500_000;
const STEPS_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

export function metricRoutes(dependencies: MetricRoutesDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/monitoring/metrics',
      tag: 'monitoring',
      summary: 'The own host now, and all known metrics by name',
      scope: 'read',
      query: metricsQuery,
      success: { status: 200, schema: metricsAnswer },
      handle: ({ query }) => listMetrics(query, dependencies),
    }),
    route({
      method: 'GET',
      path: '/api/monitoring/metrics/history/{metric_name}',
      tag: 'monitoring',
      summary: 'A metric over time',
      description:
        'The last hour by default, in about 240 points. With `rate=true` the increase per second of a counter, over windows of at least 4 minutes.',
      scope: 'read',
      params: metricParameters,
      query: metricHistoryQuery,
      success: { status: 200, schema: metricHistoryAnswer },
      handle: ({ params, query, signal }) => readHistory(params.metric_name, query, dependencies, signal),
    }),
    route({
      method: 'GET',
      path: '/api/monitoring/metrics/{metric_name}',
      tag: 'monitoring',
      summary: 'The newest value of each series of a metric, not older than 5 minutes',
      scope: 'read',
      params: metricParameters,
      query: metricQuery,
      success: { status: 200, schema: metricAnswer },
      handle: ({ params, query, signal }) => readNewest(params.metric_name, query, dependencies, signal),
    }),
  ];
}

interface MetricsFilter extends SeriesWish {
  readonly search?: string | undefined;
  readonly type?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

async function listMetrics(
  filter: MetricsFilter,
  { store, system, clock }: MetricRoutesDependencies,
): Promise<MetricsAnswer> {
  const after = filter.cursor === undefined ? '' : readCursor(filter.cursor);
  const counts =
    filter.service === undefined && filter.environment === undefined
      ? undefined
      : await countSeries(filter, store, clock);
  const search = filter.search?.toLowerCase() ?? '';
  const matching = (await store.describe())
    .filter(({ name }) => name > after && (!counts || counts.has(name)))
    .filter(({ type }) => filter.type === undefined || type === filter.type)
    .filter(({ name, help }) => `${name}\n${help}`.toLowerCase().includes(search))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const page = matching.slice(0, filter.limit);
  return {
    timestamp: formatInstant(clock.now()),
    system: system.snapshot() ?? null,
    items: page.map(({ name, type, unit, help, seriesCount }) => ({
      name,
      type,
      unit,
      help,
      series_count: counts?.get(name) ?? seriesCount,
    })),
    next_cursor: page.length < matching.length ? encodeCursor(page.at(-1)!.name) : null,
  };
}

function readCursor(cursor: string): string {
  const name = decodeCursor(cursor);
  if (typeof name === 'string') return name;
  throw invalid({ path: 'cursor', message: 'is not a next_cursor of this list' });
}

/** How many series of the last day each metric of a service or environment has. */
async function countSeries(
  filter: SeriesWish,
  store: MetricRoutesDependencies['store'],
  clock: Clock,
): Promise<Map<string, number>> {
  const now = clock.now();
  const counts = new Map<string, number>();
  for (const labels of await seriesOf(filter, { start: now - DAY, end: now }, store)) {
    const name = labels[METRIC_NAME]!;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

async function readNewest(
  name: string,
  wish: SeriesWish,
  dependencies: MetricRoutesDependencies,
  signal: AbortSignal,
): Promise<MetricAnswer> {
  const { engine, store, clock } = dependencies;
  const now = clock.now();
  const description = await describeMetric(name, store);
  const range = { start: now - LOOKBACK_MS, end: now };
  const expression = await expressionFor(name, wish, range, store, (selector) => selector);
  const { type, unit, help } = description;
  if (!expression) return { name, type, unit, help, series: [] };
  const times = wish.aggregate
    ? undefined
    : await expressionFor(name, wish, range, store, (selector) => call('timestamp', selector));
  const [values, timestamps] = await Promise.all([
    instantSeries(engine, expression, now, signal),
    times ? instantSeries(engine, times, now, signal) : [],
  ]);
  refuseTooMany(values.length, 'series');
  const takenAt = new Map(timestamps.map((sample) => [labelsKey(sample.labels), sample.value * 1000]));
  const series = values.map(({ labels, value }) => ({
    labels,
    value: finite(value),
    timestamp: formatInstant(takenAt.get(labelsKey(labels)) ?? now),
  }));
  return { name, type, unit, help, series };
}

async function instantSeries(
  engine: PromqlEngine,
  expression: Parameters<PromqlEngine['instant']>[0],
  time: number,
  signal: AbortSignal,
): Promise<{ labels: Labels; value: number }[]> {
  const { result } = await engine.instant(expression, time, { signal });
  if (result.type !== 'vector') return [];
  return result.samples.map(({ labels, value }) => ({ labels: withoutName(labels), value }));
}

interface HistoryWish extends SeriesWish {
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  readonly step?: number | undefined;
  readonly rate?: boolean | undefined;
}

async function readHistory(
  name: string,
  wish: HistoryWish,
  dependencies: MetricRoutesDependencies,
  signal: AbortSignal,
): Promise<MetricHistoryAnswer> {
  const { engine, store, clock } = dependencies;
  const { start, end } = resolveWindow(wish, clock.now());
  const { type } = await describeMetric(name, store);
  if (wish.rate && type === 'gauge') {
    throw invalid({ path: 'rate', message: `is for counters, and ${name} is a gauge; leave it out` });
  }
  const step = wish.step ?? defaultStep(end - start);
  const window = Math.max(step, SHORTEST_RATE_WINDOW_MS);
  const expression = await expressionFor(name, wish, { start: start - window, end }, store, (selector) =>
    wish.rate ? overRange('rate', selector, window) : selector,
  );
  const series = expression ? (await engine.range(expression, { start, end, step }, { signal })).result.series : [];
  refuseTooMany(
    series.reduce((sum, one) => sum + one.timestamps.length, 0),
    'points',
  );
  return {
    name,
    start: formatInstant(start),
    end: formatInstant(end),
    step_seconds: step / 1000,
    series: series.map((one) => ({ labels: withoutName(one.labels), points: pointsOf(one) })),
  };
}

function refuseTooMany(count: number, what: string): void {
  if (count <= MOST_VALUES) return;
  const message = `gives ${count} ${what}, at most ${MOST_VALUES} go into one answer; use service, label, aggregate or a longer step`;
  throw invalid({ path: 'metric_name', message });
}

/** A round step that gives about the wanted number of points. */
function defaultStep(milliseconds: number): number {
  const seconds = milliseconds / 1000 / WANTED_POINTS;
  const step = STEPS_SECONDS.find((candidate) => candidate >= seconds);
  return (step ?? Math.ceil(seconds / 86_400) * 86_400) * 1000;
}

/** What is known of a metric; 404 with close names where nothing is. */
async function describeMetric(name: string, store: MetricRoutesDependencies['store']): Promise<MetricDescription> {
  const known = await store.describe();
  const found = known.find((metric) => metric.name === name);
  if (found) return found;
  throw notFound(
    `no metric ${JSON.stringify(name)} is known; GET /api/monitoring/metrics lists them`,
    closeNames(
      name,
      known.map((metric) => metric.name),
    ),
  );
}

function pointsOf({ timestamps, values }: ResultSeries): [number, number | null][] {
  return Array.from(timestamps, (time, index) => [time / 1000, finite(values[index]!)]);
}

function withoutName({ [METRIC_NAME]: _name, ...labels }: Labels): Labels {
  return labels;
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
