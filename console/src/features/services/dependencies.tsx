import { IconArrowsExchange } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { PerformanceDetail } from '../../api-client/types.ts';
import { Panel } from '../../components/panel.tsx';
import { EmptyState } from '../../components/states.tsx';
import table from '../../components/table.module.css';
import { formatMilliseconds, formatPerSecond, formatRatio } from '../../format/number.ts';

type Dependency = PerformanceDetail['dependencies']['upstream'][number];

/** Who calls the service, and whom it calls. */
export function Dependencies({ dependencies }: { dependencies: PerformanceDetail['dependencies'] }) {
  const { upstream, downstream } = dependencies;
  return (
    <Panel title="Dependencies" flush>
      {upstream.length + downstream.length === 0 ? (
        <EmptyState icon={IconArrowsExchange} title="None seen in this time range">
          They are read from the spans of calls between services, databases and queues.
        </EmptyState>
      ) : (
        <table className={table.table}>
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col" className={table.number}>
                Calls
              </th>
              <th scope="col" className={table.number}>
                Errors
              </th>
              <th scope="col" className={table.number}>
                p95
              </th>
            </tr>
          </thead>
          <tbody>
            {upstream.map((one) => (
              <Row key={`from ${one.kind} ${one.name}`} dependency={one} relation="calls it" />
            ))}
            {downstream.map((one) => (
              <Row key={`to ${one.kind} ${one.name}`} dependency={one} relation="is called" />
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Row({ dependency, relation }: { dependency: Dependency; relation: string }) {
  const { name, kind } = dependency;
  return (
    <tr>
      <th scope="row" className={table.wide} title={name}>
        {kind === 'service' ? (
          <Link to="/services/$service" params={{ service: name }}>
            {name}
          </Link>
        ) : (
          <>
            {name} <span className="muted">{kind}</span>
          </>
        )}
      </th>
      <td className={`${table.tight} muted`}>{relation}</td>
      <td className={table.number}>{formatPerSecond(dependency.requests_per_second)}</td>
      <td className={table.number}>{formatRatio(dependency.error_ratio)}</td>
      <td className={table.number}>{formatMilliseconds(dependency.latency_ms.p95)}</td>
    </tr>
  );
}
