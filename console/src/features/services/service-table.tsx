import { Link } from '@tanstack/react-router';
import type { ServicePerformance } from '../../api-client/types.ts';
import { useSearchState } from '../../app/search-state.ts';
import { StatusBadge } from '../../components/badges.tsx';
import { readSorting, SortableHeading, sortRows } from '../../components/sorting.tsx';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatMilliseconds, formatPerSecond, formatRatio } from '../../format/number.ts';

interface ServiceTableProps {
  services: readonly ServicePerformance[];
  /** All columns, which can be sorted; for a page of its own. */
  full?: boolean;
}

const COLUMNS = {
  service: (row: ServicePerformance) => row.service,
  requests: (row: ServicePerformance) => row.requests_per_second,
  errors: (row: ServicePerformance) => row.error_ratio,
  p50: (row: ServicePerformance) => row.latency_ms?.p50,
  p95: (row: ServicePerformance) => row.latency_ms?.p95,
  p99: (row: ServicePerformance) => row.latency_ms?.p99,
  apdex: (row: ServicePerformance) => row.apdex,
};

/** Rate, errors and duration of services. */
export function ServiceTable({ services, full = false }: ServiceTableProps) {
  const [{ sort }, change] = useSearchState<{ sort?: string | undefined }>();
  const sorting = full ? readSorting(sort) : undefined;
  const heading = (column: string, label: string, className?: string) =>
    full ? (
      <SortableHeading {...{ column, label, sorting, className }} onSort={(text) => change({ sort: text }, true)} />
    ) : (
      <th scope="col" className={className}>
        {label}
      </th>
    );
  return (
    <table className={table.table}>
      <thead>
        <tr>
          {heading('service', 'Service')}
          <th scope="col">Health</th>
          {heading('requests', 'Requests', table.number)}
          {heading('errors', 'Errors', table.number)}
          {heading('p50', 'p50', `${table.number} ${table.minor}`)}
          {heading('p95', 'p95', table.number)}
          {full ? (
            <>
              {heading('p99', 'p99', `${table.number} ${table.minor}`)}
              {heading('apdex', 'Apdex', `${table.number} ${table.minor}`)}
              <th scope="col" className={table.minor}>
                Last seen
              </th>
            </>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {sortRows(services, sorting, COLUMNS).map((service) => (
          <tr key={service.service}>
            <th scope="row" className={table.wide}>
              <Link to="/services/$service" params={{ service: service.service }}>
                {service.service}
              </Link>
            </th>
            <td className={table.tight}>
              <StatusBadge status={service.status} />
            </td>
            <td className={table.number}>{formatPerSecond(service.requests_per_second)}</td>
            <td className={table.number}>{formatRatio(service.error_ratio)}</td>
            <td className={`${table.number} ${table.minor}`}>{formatMilliseconds(service.latency_ms?.p50)}</td>
            <td className={table.number}>{formatMilliseconds(service.latency_ms?.p95)}</td>
            {full ? (
              <>
                <td className={`${table.number} ${table.minor}`}>{formatMilliseconds(service.latency_ms?.p99)}</td>
                <td className={`${table.number} ${table.minor}`}>
                  {service.apdex === null ? '–' : service.apdex.toFixed(2)}
                </td>
                <td className={`${table.tight} ${table.minor} muted`}>
                  <RelativeTime time={service.last_seen} />
                </td>
              </>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
