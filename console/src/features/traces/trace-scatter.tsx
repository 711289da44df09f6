import { Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { TraceItem } from '../../api-client/types.ts';
import { Panel } from '../../components/panel.tsx';
import { formatMilliseconds } from '../../format/number.ts';
import { formatClock } from '../../format/time.ts';
import classes from './trace-scatter.module.css';

const HEIGHT = 96;

/** The listed traces by start and duration (logarithmic), so that outliers stand out; each leads to its trace. */
export function TraceScatter({ traces }: { traces: readonly TraceItem[] }) {
  const plan = useMemo(() => arrange(traces), [traces]);
  return (
    <Panel title="Duration" note="of the traces listed below, logarithmic">
      <div className={classes.plot} style={{ height: HEIGHT }}>
        {plan.marks.map((mark) => (
          <div key={mark.text} className={classes.mark} style={{ bottom: `${mark.y}%` }}>
            <span>{mark.text}</span>
          </div>
        ))}
        <div className={classes.dots}>
          {plan.dots.map(({ trace, x, y }) => (
            <Tooltip
              key={trace.trace_id}
              label={`${trace.root_service}: ${trace.root_operation}, ${formatMilliseconds(trace.duration_ms)}`}
            >
              <Link
                to="/traces/$traceId"
                params={{ traceId: trace.trace_id }}
                tabIndex={-1}
                aria-hidden="true"
                className={classes.dot!}
                data-error={trace.error_count > 0}
                style={{ left: `${x}%`, bottom: `${y}%` }}
              />
            </Tooltip>
          ))}
        </div>
      </div>
      <div className={classes.ends}>
        <span>{formatClock(plan.first)}</span>
        <span>{formatClock(plan.last)}</span>
      </div>
    </Panel>
  );
}

function arrange(traces: readonly TraceItem[]) {
  const starts = traces.map((trace) => Date.parse(trace.started_at));
  const first = Math.min(...starts);
  const last = Math.max(...starts);
  const logs = traces.map((trace) => Math.log10(Math.max(0.001, trace.duration_ms)));
  const low = Math.floor(Math.min(...logs));
  const high = Math.max(low + 1, Math.ceil(Math.max(...logs)));
  const vertical = (log: number) => ((log - low) / (high - low)) * 100;
  return {
    first,
    last,
    dots: traces.map((trace, index) => ({
      trace,
      x: last === first ? 50 : ((starts[index]! - first) / (last - first)) * 100,
      y: vertical(logs[index]!),
    })),
    marks: Array.from({ length: high - low + 1 }, (_, step) => ({
      text: formatMilliseconds(10 ** (low + step)),
      y: vertical(low + step),
    })),
  };
}
