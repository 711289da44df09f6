import { useMemo } from 'react';
import { faultOf } from '../../api-client/http.ts';
import { useAnnotations } from '../../api-client/use-annotations.ts';
import { levelTone, type Tone } from '../../components/badges.tsx';
import { Panel } from '../../components/panel.tsx';
import { ErrorState, LoadingRows } from '../../components/states.tsx';
import { TimeSeriesChart } from '../../components/time-series-chart.tsx';
import { formatCount } from '../../format/number.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import type { LogFilters } from './log-filters.ts';
import { useLogVolume } from './log-volume.ts';

const ORDER: Tone[] = ['unknown', 'info', 'warning', 'error', 'critical'];

/** Matching lines over time, by level. Dragging narrows the time range. */
export function LogHistogram({ filters }: { filters: LogFilters }) {
  const [range, setRange] = useTimeRange();
  const annotations = useAnnotations(range);
  const query = useLogVolume(filters, 'level', range);
  const { data } = query;
  const series = useMemo(() => {
    const groups = [...(data?.groups ?? [])];
    groups.sort((a, b) => ORDER.indexOf(levelTone(a.value)) - ORDER.indexOf(levelTone(b.value)));
    return groups.map(({ value, points }) => ({ name: value, points, colorName: `--${levelTone(value)}` }));
  }, [data]);
  // Told at the search field.
  if (!data && faultOf(query.error, 'q')) return null;
  return (
    <Panel
      title="Lines over time"
      note={data ? `${formatCount(data.total)} lines, by level; drag to narrow the time range` : undefined}
    >
      {query.error && !data ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {!data && !query.error ? <LoadingRows rows={3} /> : null}
      {data ? (
        <TimeSeriesChart
          label="Log lines over time by level"
          kind="bars"
          series={series}
          format={formatCount}
          stepSeconds={data.step_seconds}
          range={{ start: Date.parse(data.start), end: Date.parse(data.end) }}
          height={104}
          annotations={annotations}
          onZoom={(start, end) => setRange({ start: new Date(start).toISOString(), end: new Date(end).toISOString() })}
        />
      ) : null}
    </Panel>
  );
}
