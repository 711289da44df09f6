import { Link } from '@tanstack/react-router';
import type { Storage } from '../../api-client/types.ts';
import table from '../../components/table.module.css';
import { formatBytes, formatCount } from '../../format/number.ts';

const SHOWN = 50;

/** The services that take the most, the largest first. */
export function ServiceUsageTable({ services }: { services: NonNullable<Storage['services']> }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Service</th>
          <th scope="col" className={table.number}>
            About on disk
          </th>
          <th scope="col" className={table.number}>
            Log records
          </th>
          <th scope="col" className={table.number}>
            Spans
          </th>
          <th scope="col" className={table.number}>
            Samples
          </th>
          <th scope="col" className={`${table.number} ${table.minor}`}>
            Rollups
          </th>
        </tr>
      </thead>
      <tbody>
        {services.slice(0, SHOWN).map((usage) => {
          const { service, estimated_bytes: bytes, estimated_bytes_by_signal: shares } = usage;
          return (
            <tr key={service}>
              <th scope="row" className={table.wide}>
                {service === '' ? (
                  <span className="muted">of no service</span>
                ) : (
                  <Link to="/services/$service" params={{ service }}>
                    {service}
                  </Link>
                )}
              </th>
              <td className={table.number}>{formatBytes(bytes)}</td>
              <td className={table.number}>
                <Share rows={usage.log_records} bytes={shares.logs} />
              </td>
              <td className={table.number}>
                <Share rows={usage.spans} bytes={shares.traces} />
              </td>
              <td className={table.number}>
                <Share rows={usage.samples} bytes={shares.metrics} />
              </td>
              <td className={`${table.number} ${table.minor}`}>
                <Share rows={usage.rollups} bytes={shares.rollups} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Of a signal: how many, and what they take. */
function Share({ rows, bytes }: { rows: number; bytes: number }) {
  return (
    <>
      {formatCount(rows)}
      {rows > 0 ? <div className={table.detail}>{formatBytes(bytes)}</div> : null}
    </>
  );
}
