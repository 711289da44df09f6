import type { MetricHistory } from '../../api-client/types.ts';
import { useCapability } from '../../api-client/use-capability.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import type { ChartSeries, Point } from '../../components/chart-data.ts';
import { seriesNames } from '../../components/series-names.ts';
import { resolveRange, stepFor, type TimeRange } from '../../time/time-range.ts';
import { parseSelector } from './selector.ts';

interface PrometheusMatrix {
  data: { result: { metric: Record<string, string>; values: [number, string][] }[] };
}

interface RangeResult {
  series: ChartSeries[];
  labels: Record<string, string>[];
  stepSeconds: number;
  range: { start: number; end: number };
}

const PROMQL = '/api/v1/query_range';

/**
 * A PromQL query over the range. Where the service has no PromQL endpoint, plain selectors are read from the
 * history of the metric; others are `unsupported`.
 */
export function useRangeQuery(query: string, range: TimeRange) {
  const promql = useCapability(PROMQL);
  const step = stepFor(range);
  const selector = parseSelector(query);
  const wanted = query.trim() !== '';
  const { start, end } = resolveRange(range, Date.now());
  const matrix = useLiveQuery<PrometheusMatrix>(
    PROMQL.slice(1),
    { query, step, start: promqlTime(range.start, start), end: promqlTime(range.end, end) },
    { enabled: wanted && promql },
  );
  const history = useLiveQuery<MetricHistory>(
    `api/monitoring/metrics/history/${encodeURIComponent(selector?.metric ?? '')}`,
    { step, label: selector?.labels.map(([name, value]) => `${name}=${value}`) },
    { range, enabled: wanted && !promql && selector !== undefined },
  );
  const asked = promql ? matrix : history;
  return {
    result: promql ? fromMatrix(matrix.data, query, step, { start, end }) : fromHistory(history.data),
    error: asked.error,
    isLoading: asked.isLoading,
    refetch: asked.refetch,
    unsupported: wanted && !promql && selector === undefined,
  };
}

/** Whole steps, so that the key of the query does not change with every render. */
function promqlTime(text: string, resolved: number): number {
  return text.startsWith('now') ? Math.round(resolved / 10_000) * 10 : resolved / 1000;
}

function fromMatrix(
  answer: PrometheusMatrix | undefined,
  query: string,
  stepSeconds: number,
  range: { start: number; end: number },
): RangeResult | undefined {
  if (!answer) return undefined;
  const { result } = answer.data;
  const labels = result.map(({ metric }) => metric);
  const names = seriesNames(labels, query);
  return {
    series: result.map(({ values }, index) => ({
      name: names[index]!,
      points: values.map(([time, value]): Point => [time, finite(Number(value))]),
    })),
    labels,
    stepSeconds,
    range,
  };
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function fromHistory(answer: MetricHistory | undefined): RangeResult | undefined {
  if (!answer) return undefined;
  const labels = answer.series.map((one) => one.labels);
  const names = seriesNames(labels, answer.name);
  return {
    series: answer.series.map(({ points }, index) => ({ name: names[index]!, points })),
    labels,
    stepSeconds: answer.step_seconds,
    range: { start: Date.parse(answer.start), end: Date.parse(answer.end) },
  };
}
