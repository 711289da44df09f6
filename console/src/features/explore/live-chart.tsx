import { IconChartLine } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { openEventStream } from '../../api-client/event-stream.ts';
import type { LiveEvent } from '../../api-client/types.ts';
import { Badge } from '../../components/badges.tsx';
import { EmptyState, LoadingRows } from '../../components/states.tsx';
import { TimeSeriesChart } from '../../components/time-series-chart.tsx';
import { formatSeconds } from '../../format/number.ts';
import { resolveRange } from '../../time/time-range.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import classes from './live-chart.module.css';
import { addEvent, chartSeriesOf, type LiveWindow, liveInterval } from './live-window.ts';

interface LiveChartProps {
  /** PromQL; a plain name is a metric. */
  query: string;
  label: string;
  format: (value: number) => string;
  height: number;
}

const MOST_SERIES = 50;
const LONGEST_SECONDS = 3600;

/** A chart that moves on with every event of the service; as long as the global range, at most an hour. */
export function LiveChart({ query, label, format, height }: LiveChartProps) {
  const [range] = useTimeRange();
  const { start, end } = resolveRange(range, Date.now());
  const windowSeconds = Math.min(LONGEST_SECONDS, Math.round((end - start) / 5000) * 5);
  const { window, isConnected, newest, fault } = useLiveWindow(query, windowSeconds);
  const series = chartSeriesOf(window, query).slice(0, MOST_SERIES);
  const last = newest === undefined ? undefined : Date.parse(newest);
  return (
    <>
      <p className={classes.state} role="status" aria-label="Live">
        <Badge tone={isConnected ? 'ok' : 'unknown'}>{isConnected ? 'Live' : 'Connecting'}</Badge>
        every {liveInterval(windowSeconds)} s, the last {formatSeconds(windowSeconds)}
        {fault ? <span className={classes.fault}>{fault}</span> : null}
      </p>
      {last === undefined ? <LoadingRows rows={8} /> : null}
      {last !== undefined && series.length === 0 ? (
        <EmptyState icon={IconChartLine} title="No data yet">
          Nothing fits now; the chart begins by itself.
        </EmptyState>
      ) : null}
      {last !== undefined && series.length > 0 ? (
        <TimeSeriesChart
          label={label}
          series={series}
          format={format}
          stepSeconds={liveInterval(windowSeconds)}
          range={{ start: last - windowSeconds * 1000, end: last }}
          height={height}
          legend
        />
      ) : null}
    </>
  );
}

const NOTHING = {
  window: new Map() as LiveWindow,
  newest: undefined as string | undefined,
  fault: undefined as string | undefined,
};

function useLiveWindow(query: string, windowSeconds: number) {
  const [state, setState] = useState(NOTHING);
  const [isConnected, setConnected] = useState(false);
  useEffect(() => {
    setState(NOTHING);
    return openEventStream(
      'api/monitoring/stream',
      { query, interval: liveInterval(windowSeconds) },
      // What was before is missed as well, and so comes first.
      String(Date.now() - windowSeconds * 1000),
      {
        onConnected: setConnected,
        onEvent: (data) => {
          const event = JSON.parse(data) as LiveEvent;
          setState(({ window }) => ({
            window: addEvent(window, event, windowSeconds),
            newest: event.timestamp,
            fault: event.results.find(({ error }) => error !== undefined)?.error,
          }));
        },
      },
    );
  }, [query, windowSeconds]);
  return { ...state, isConnected };
}
