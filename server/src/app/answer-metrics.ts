import type { CachedEngine } from '../query/promql/index.ts';
import type { OwnMetric } from './own-metrics.ts';

/** What the cache of answers counts, under the service's own metric names. */
export function answerMetrics(answers: CachedEngine): OwnMetric[] {
  const one = (value: () => number) => () => [{ labels: {}, value: value() }];
  return [
    {
      name: 'system_service_query_cache_steps_total',
      help: 'Steps of range queries, by whether the cache of answers had them',
      type: 'counter',
      read: () => [
        { labels: { result: 'found' }, value: answers.stats.stepsFound },
        { labels: { result: 'evaluated' }, value: answers.stats.stepsEvaluated },
      ],
    },
    {
      name: 'system_service_query_cache_bytes',
      help: 'Memory of the kept answers of range queries, about',
      type: 'gauge',
      read: one(() => answers.stats.bytes),
    },
    {
      name: 'system_service_query_cache_answers',
      help: 'Kept answers of range queries',
      type: 'gauge',
      read: one(() => answers.stats.entries),
    },
  ];
}
