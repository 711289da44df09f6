import type { PerformanceDetail } from '../../api-client/types.ts';
import { useAnnotations } from '../../api-client/use-annotations.ts';
import { Panel } from '../../components/panel.tsx';
import { TimeSeriesChart } from '../../components/time-series-chart.tsx';
import { formatBytes, formatMilliseconds, formatPercent, formatPerSecond, formatRatio } from '../../format/number.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import classes from './service-page.module.css';

type SeriesName = keyof PerformanceDetail['series'];

interface Chart {
  series: SeriesName;
  title: string;
  line: string;
  format: (value: number) => string;
  color: number;
}

const CHARTS: Chart[] = [
  { series: 'requests_per_second', title: 'Requests', line: 'Requests', format: formatPerSecond, color: 0 },
  { series: 'error_ratio', title: 'Errors', line: 'Failed', format: formatRatio, color: 3 },
  { series: 'latency_p95_ms', title: 'Duration, p95', line: 'p95', format: formatMilliseconds, color: 2 },
  { series: 'cpu_percent', title: 'CPU, of one core', line: 'CPU', format: formatPercent, color: 5 },
  { series: 'memory_bytes', title: 'Memory', line: 'Memory', format: formatBytes, color: 1 },
];

/** Rate, errors, duration and resources over the global range; those that have data. */
export function ServiceCharts({ detail }: { detail: PerformanceDetail }) {
  const [asked, setRange] = useTimeRange();
  const annotations = useAnnotations(asked, detail.service);
  const range = { start: Date.parse(detail.start), end: Date.parse(detail.end) };
  const shown = CHARTS.filter(({ series }) => detail.series[series].length > 0);
  return (
    <div className={classes.charts}>
      {shown.map((chart) => (
        <Panel key={chart.series} title={chart.title}>
          <TimeSeriesChart
            label={`${chart.title} of ${detail.service}`}
            series={[{ name: chart.line, color: chart.color, points: detail.series[chart.series] }]}
            format={chart.format}
            stepSeconds={smallestStep(detail.series[chart.series])}
            range={range}
            height={130}
            annotations={annotations}
            onZoom={(start, end) =>
              setRange({ start: new Date(start).toISOString(), end: new Date(end).toISOString() })
            }
          />
        </Panel>
      ))}
    </div>
  );
}

function smallestStep(points: readonly (readonly [number, number])[]): number | undefined {
  let step: number | undefined;
  for (let index = 1; index < points.length; index++) {
    const pause = points[index]![0] - points[index - 1]![0];
    if (pause > 0 && (step === undefined || pause < step)) step = pause;
  }
  return step;
}
