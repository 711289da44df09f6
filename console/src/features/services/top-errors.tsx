import { Link } from '@tanstack/react-router';
import type { PerformanceDetail } from '../../api-client/types.ts';
import { Panel } from '../../components/panel.tsx';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatCount } from '../../format/number.ts';

/** The failures that occur most; each leads to a trace that shows it. */
export function TopErrors({ errors }: { errors: PerformanceDetail['top_errors'] }) {
  if (errors.length === 0) return null;
  return (
    <Panel title="Most frequent errors" flush>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Error</th>
            <th scope="col" className={table.number}>
              Count
            </th>
            <th scope="col">Last</th>
          </tr>
        </thead>
        <tbody>
          {errors.map((error) => (
            <tr key={`${error.operation} ${error.type} ${error.message}`}>
              <th scope="row" className={table.wide} title={error.message}>
                <Link to="/traces/$traceId" params={{ traceId: error.trace_id }}>
                  {error.message || error.type || 'Failed without a message'}
                </Link>
                <div className={table.detail}>
                  {error.type ? `${error.type} in ` : 'in '}
                  {error.operation}
                </div>
              </th>
              <td className={table.number}>{formatCount(error.count)}</td>
              <td className={`${table.tight} muted`}>
                <RelativeTime time={error.last_seen} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
