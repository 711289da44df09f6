import { ServiceError } from '../../../model/errors.ts';
import type { Comparison } from '../../rules/alert-rule.ts';
import type { Found, QueryEngine, RuleKind } from '../rule-kind.ts';
import { inferFigure, queryOfFigure } from './infer-query.ts';
import { metricSeries } from './selector.ts';

export interface PromqlCondition {
  readonly kind: 'promql';
  readonly query: string;
  /** Null: whatever the query returns is an alert, as in Prometheus' rule files. */
  readonly comparison: Comparison | null;
}

const HISTORY_TIMEOUT_MS = 20_000;

/** PromQL, a metric by its name, or a figure by words that people have for it. */
export const promql: RuleKind<PromqlCondition> = {
  name: 'promql',
  raisedBy: 'data',
  fields: ['metric', 'query', 'threshold'],
  claims: () => true,

  prepare(form, { comparison, knownFigure }) {
    if (form.query || form.metric) {
      const query = form.query ?? metricSeries(form.metric!, form.service);
      return { condition: { kind: 'promql', query, comparison: comparison() }, query };
    }
    const figure = figureOf(form, knownFigure);
    const threshold = form.threshold ?? form.thresholds![0]!.threshold;
    const { query, lowerIsWorse } = queryOfFigure(figure, form.service, threshold);
    const compared = comparison(() => lowerIsWorse);
    return { condition: { kind: 'promql', query, comparison: compared }, query, inferredFrom: figure };
  },

  ask: ({ query }, { now, signal, timeoutMs }, { promql: engine }) =>
    askPromql(engine, query, now, { signal, timeoutMs }),

  async history({ query }, { range, stepMs, signal }, { promql: engine }) {
    const limits = { timeoutMs: HISTORY_TIMEOUT_MS };
    const { result } = await engine.range(query, { ...range, step: stepMs }, { signal, limits });
    return { start: range.start, stepMs, series: result.series };
  },

  describe: ({ query }) => query,

  expression({ query, comparison }) {
    return comparison ? `(${query}) ${comparison.operator} ${comparison.levels.at(-1)!.threshold}` : query;
  },
};

function figureOf({ name, description }: { name: string; description: string }, knownFigure: string | null): string {
  if (knownFigure === null) return inferFigure(name, description);
  try {
    return inferFigure(name, description);
  } catch {
    return knownFigure;
  }
}

/** Runs a query. A scalar is a vector of one without labels. Rejects with what the engine says. */
export async function askPromql(
  engine: Pick<QueryEngine, 'instant'>,
  query: string,
  time: number,
  { signal, timeoutMs }: { readonly signal?: AbortSignal | undefined; readonly timeoutMs: number },
): Promise<Found> {
  const { result } = await engine.instant(query, time, { signal, limits: { timeoutMs } });
  if (result.type === 'vector') return { samples: result.samples };
  if (result.type === 'scalar') return { samples: [{ labels: {}, value: result.value }] };
  throw new ServiceError('invalid', `an alert needs one value for each label set; this query gives a ${result.type}`);
}
