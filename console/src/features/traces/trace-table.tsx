import { Link } from '@tanstack/react-router';
import type { TraceItem } from '../../api-client/types.ts';
import { Badge } from '../../components/badges.tsx';
import table from '../../components/table.module.css';
import { Timestamp } from '../../components/times.tsx';
import { formatMilliseconds } from '../../format/number.ts';
import classes from './trace-table.module.css';

interface TraceTableProps {
  traces: readonly TraceItem[];
  /** For half a page: the service below the operation. */
  compact?: boolean;
}

export function TraceTable({ traces, compact = false }: TraceTableProps) {
  const longest = Math.max(...traces.map((trace) => trace.duration_ms), 0.001);
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Started</th>
          {compact ? null : <th scope="col">Service</th>}
          <th scope="col">Operation</th>
          <th scope="col" className={table.number}>
            Spans
          </th>
          <th scope="col" className={table.number}>
            Errors
          </th>
          <th scope="col" className={table.number}>
            Duration
          </th>
        </tr>
      </thead>
      <tbody>
        {traces.map((trace) => (
          <tr key={trace.trace_id}>
            <td className={`${table.tight} muted`}>
              <Timestamp time={trace.started_at} />
            </td>
            {compact ? null : <td className={`${table.tight} muted`}>{trace.root_service}</td>}
            <th scope="row" className={table.wide} title={trace.root_operation}>
              <Link to="/traces/$traceId" params={{ traceId: trace.trace_id }} className="truncate">
                {trace.root_operation}
              </Link>
              {compact ? <div className={table.detail}>{trace.root_service}</div> : null}
            </th>
            <td className={table.number}>{trace.span_count}</td>
            <td className={table.number}>
              {trace.error_count > 0 ? (
                <Badge tone="error" soft={false}>
                  {String(trace.error_count)}
                </Badge>
              ) : (
                <span className="faint">0</span>
              )}
            </td>
            <td className={`${table.number} ${classes.duration}`}>
              <span
                className={classes.bar}
                data-error={trace.error_count > 0}
                style={{ width: `${Math.max(2, (trace.duration_ms / longest) * 100)}%` }}
              />
              {formatMilliseconds(trace.duration_ms)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
