import { IconRoute } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { PerformanceDetail } from '../../api-client/types.ts';
import { Panel } from '../../components/panel.tsx';
import { EmptyState } from '../../components/states.tsx';
import table from '../../components/table.module.css';
import { formatMilliseconds, formatPerSecond, formatRatio } from '../../format/number.ts';

interface OperationTableProps {
  service: string;
  operations: PerformanceDetail['operations'];
}

/** What the service is asked to do; each leads to its traces. */
export function OperationTable({ service, operations }: OperationTableProps) {
  return (
    <Panel title="Operations" note={operations.length > 0 ? String(operations.length) : undefined} flush>
      {operations.length === 0 ? (
        <EmptyState icon={IconRoute} title="No requests in this time range">
          Operations appear with the service’s first request spans.
        </EmptyState>
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Operation</th>
              <th scope="col" className={table.number}>
                Requests
              </th>
              <th scope="col" className={table.number}>
                Errors
              </th>
              <th scope="col" className={`${table.number} ${table.minor}`}>
                p50
              </th>
              <th scope="col" className={table.number}>
                p95
              </th>
            </tr>
          </thead>
          <tbody>
            {operations.map((operation) => (
              <tr key={operation.operation}>
                <th scope="row" className={table.wide} title={operation.operation}>
                  <Link to="/traces" search={{ service, operation: operation.operation }}>
                    {operation.operation}
                  </Link>
                </th>
                <td className={table.number}>{formatPerSecond(operation.requests_per_second)}</td>
                <td className={table.number}>{formatRatio(operation.error_ratio)}</td>
                <td className={`${table.number} ${table.minor}`}>{formatMilliseconds(operation.latency_ms?.p50)}</td>
                <td className={table.number}>{formatMilliseconds(operation.latency_ms?.p95)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
