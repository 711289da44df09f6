import type { Config } from '../config/index.ts';
import type { Clock } from '../model/clock.ts';
import {
  CachedEngine,
  createPromqlEngine,
  type MetricUsage,
  type PromqlEngine,
  type SeriesSource,
} from '../query/promql/index.ts';
import {
  joinIndexes,
  joinSources,
  RemoteEngine,
  RemotePrometheus,
  RemoteSeriesIndex,
  RemoteSource,
  type SeriesIndex,
} from '../query/remote/index.ts';
import type { MetricStore } from '../stores/telemetry/index.ts';

interface Queries {
  readonly promql: PromqlEngine;
  /** For rules and what they read: they never wait behind people's queries. */
  readonly alertingPromql: PromqlEngine;
  /** The cache of answers; `undefined` where samples change without a word to us. */
  readonly answers: CachedEngine | undefined;
  /** Labels, series and metadata, of here, of the other server, or of both. */
  readonly index: SeriesIndex;
  /** For the warm-up: its questions are nobody's use of a metric. `undefined` where they would go to another server. */
  readonly unnoted: PromqlEngine | undefined;
}

/** The engines over the store, over another server, or over both. */
export function openQueries(config: Config, metrics: MetricStore, usage: MetricUsage, clock: Clock): Queries {
  const { prometheusUrl, prometheusToken, prometheusHeaders } = config;
  const remote =
    prometheusUrl === undefined
      ? undefined
      : new RemotePrometheus({ url: prometheusUrl, token: prometheusToken, headers: prometheusHeaders });
  if (remote && config.prometheusMode === 'remote') {
    const engine = usage.noting(new RemoteEngine(remote));
    return {
      promql: engine,
      alertingPromql: engine,
      answers: undefined,
      index: new RemoteSeriesIndex(remote),
      unnoted: undefined,
    };
  }
  const engineOn = (pool: 'alerting' | 'interactive') => {
    const stored = seriesSource(metrics, pool);
    return createPromqlEngine({ source: remote ? joinSources(stored, new RemoteSource(remote)) : stored, clock });
  };
  const evaluating = engineOn('interactive');
  const { changes } = metrics;
  const answers = changes && !remote ? new CachedEngine({ engine: evaluating, changes }) : undefined;
  return {
    promql: usage.noting(answers ?? evaluating),
    alertingPromql: usage.noting(engineOn('alerting')),
    answers,
    index: remote ? joinIndexes(metrics, new RemoteSeriesIndex(remote)) : metrics,
    unnoted: remote ? undefined : (answers ?? evaluating),
  };
}

/** The metric store as what the PromQL engine reads from. */
function seriesSource(metrics: MetricStore, pool: 'alerting' | 'interactive'): SeriesSource {
  return { select: (matchers, range, options) => metrics.select(matchers, range, { ...options, pool }) };
}
