import { IconChartLine } from '@tabler/icons-react';
import { useAnnotations } from '../../api-client/use-annotations.ts';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import { TimeSeriesChart } from '../../components/time-series-chart.tsx';
import { formatterFor } from '../../format/metric-unit.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import { parseSelector } from './selector.ts';
import { useRangeQuery } from './use-range-query.ts';

interface QueryChartProps {
  query: string;
  label: string;
  threshold?: number | undefined;
  height?: number;
}

const MOST_SERIES = 50;

/** The chart of a PromQL query over the global range. */
export function QueryChart({ query, label, threshold, height = 220 }: QueryChartProps) {
  const [range, setRange] = useTimeRange();
  const { result, error, isLoading, refetch, unsupported } = useRangeQuery(query, range);
  const annotations = useAnnotations(range);
  const metric = parseSelector(query)?.metric ?? query.match(/[a-zA-Z_:][\w:]*(?=\{|\[|\s*\))/)?.[0] ?? '';
  if (unsupported) {
    return (
      <EmptyState icon={IconChartLine} title="No chart of this expression">
        This service charts plain series; the alert itself evaluates the whole expression.
      </EmptyState>
    );
  }
  if (error && !result) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!result) return isLoading ? <LoadingRows rows={5} /> : null;
  if (result.series.length === 0) {
    return (
      <EmptyState icon={IconChartLine} title="No data in this time range">
        Nothing was stored for this query. Check its labels, or choose a longer range above.
      </EmptyState>
    );
  }
  return (
    <TimeSeriesChart
      label={label}
      series={result.series.slice(0, MOST_SERIES)}
      format={formatterFor(metric, /\b(rate|irate)\(/.test(query))}
      stepSeconds={result.stepSeconds}
      range={result.range}
      threshold={threshold}
      height={height}
      legend
      annotations={annotations}
      onZoom={(start, end) => setRange({ start: new Date(start).toISOString(), end: new Date(end).toISOString() })}
    />
  );
}
