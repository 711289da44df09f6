import { Link } from '@tanstack/react-router';
import type { ServicePerformance } from '../../api-client/types.ts';
import { StatusBadge } from '../../components/badges.tsx';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatMilliseconds, formatPerSecond, formatRatio } from '../../format/number.ts';

interface ServiceTableProps {
  services: readonly ServicePerformance[];
  /** All columns; for a page of its own. */
  full?: boolean;
}

/** Rate, errors and duration of services. */
export function ServiceTable({ services, full = false }: ServiceTableProps) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Service</th>
          <th scope="col">Health</th>
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
          {full ? (
            <>
              <th scope="col" className={`${table.number} ${table.minor}`}>
                p99
              </th>
              <th scope="col" className={`${table.number} ${table.minor}`}>
                Apdex
              </th>
              <th scope="col" className={table.minor}>
                Last seen
              </th>
            </>
          ) : null}
        </tr>
      </thead>
      <tbody>
        {services.map((service) => (
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
