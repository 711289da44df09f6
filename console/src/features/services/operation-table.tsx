import { IconRoute } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { PerformanceDetail } from '../../api-client/types.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Panel } from '../../components/panel.tsx';
import { readSorting, SortableHeading, sortRows } from '../../components/sorting.tsx';
import { EmptyState } from '../../components/states.tsx';
import table from '../../components/table.module.css';
import { formatMilliseconds, formatPerSecond, formatRatio } from '../../format/number.ts';

interface OperationTableProps {
  service: string;
  operations: PerformanceDetail['operations'];
}

type Operation = OperationTableProps['operations'][number];

const COLUMNS = {
  operation: (row: Operation) => row.operation,
  requests: (row: Operation) => row.requests_per_second,
  errors: (row: Operation) => row.error_ratio,
  p50: (row: Operation) => row.latency_ms?.p50,
  p95: (row: Operation) => row.latency_ms?.p95,
};

/** What the service is asked to do; each leads to its traces. */
export function OperationTable({ service, operations }: OperationTableProps) {
  const [{ sort }, change] = useSearchState<{ sort?: string | undefined }>();
  const sorting = readSorting(sort);
  const heading = (column: string, label: string, className?: string) => (
    <SortableHeading {...{ column, label, sorting, className }} onSort={(text) => change({ sort: text }, true)} />
  );
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
              {heading('operation', 'Operation')}
              {heading('requests', 'Requests', table.number)}
              {heading('errors', 'Errors', table.number)}
              {heading('p50', 'p50', `${table.number} ${table.minor}`)}
              {heading('p95', 'p95', table.number)}
            </tr>
          </thead>
          <tbody>
            {sortRows(operations, sorting, COLUMNS).map((operation) => (
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
