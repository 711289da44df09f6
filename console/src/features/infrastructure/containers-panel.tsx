import { IconBox } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Containers } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { StatusBadge } from '../../components/badges.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatBytes, formatPercent } from '../../format/number.ts';
import classes from './infrastructure.module.css';
import { UsageBar } from './usage-bar.tsx';

type Container = Containers['items'][number];

/** The containers of the engine beside the service. */
export function ContainersPanel() {
  const query = useLiveQuery<Containers>('api/monitoring/infrastructure/containers');
  const engine = query.data?.engine;
  return (
    <Panel
      title="Containers"
      note={engine?.available ? [engine.name, engine.version].filter(Boolean).join(' ') : undefined}
      flush
    >
      <Loaded
        query={query}
        rows={4}
        isEmpty={({ items }) => items.length === 0}
        empty={
          engine?.available ? (
            <EmptyState icon={IconBox} title="No containers">
              The engine runs, and has none. They appear here by themselves, with their metrics and log lines.
            </EmptyState>
          ) : (
            <EmptyState icon={IconBox} title="No container engine found">
              {engine?.error ? `${engine.error.charAt(0).toUpperCase()}${engine.error.slice(1)}. ` : ''}Give the service
              the socket of Docker or Podman: <code>DOCKER_HOST=unix:///var/run/docker.sock</code>
            </EmptyState>
          )
        }
      >
        {({ items }) => <ContainerTable containers={items} />}
      </Loaded>
    </Panel>
  );
}

function ContainerTable({ containers }: { containers: readonly Container[] }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Container</th>
          <th scope="col">State</th>
          <th scope="col" className={table.number}>
            CPU of a core
          </th>
          <th scope="col">Memory</th>
          <th scope="col" className={`${table.number} ${table.minor}`}>
            Received, sent
          </th>
          <th scope="col" className={`${table.number} ${table.minor}`}>
            Restarts
          </th>
          <th scope="col" className={table.minor}>
            Started
          </th>
          <th scope="col" className={table.minor}>
            Look at
          </th>
        </tr>
      </thead>
      <tbody>
        {containers.map((one) => (
          <tr key={one.id}>
            <th scope="row" className={table.wide}>
              {one.service ? (
                <Link to="/services/$service" params={{ service: one.service }}>
                  {one.name}
                </Link>
              ) : (
                one.name
              )}
              <div className={table.detail}>{one.image}</div>
            </th>
            <td className={table.tight}>
              <StatusBadge status={one.health === 'none' || one.state !== 'running' ? one.state : one.health} />
            </td>
            <td className={table.number}>{formatPercent(one.cpu_percent)}</td>
            <td className={table.tight}>
              <Memory memory={one.memory} name={one.name} />
            </td>
            <td className={`${table.number} ${table.minor}`}>
              {formatBytes(one.network.receive_bytes)}, {formatBytes(one.network.transmit_bytes)}
            </td>
            <td className={`${table.number} ${table.minor}`}>{one.restart_count}</td>
            <td className={`${table.tight} ${table.minor} muted`}>
              <RelativeTime time={one.started_at} />
            </td>
            <td className={`${table.tight} ${table.minor}`}>
              <Link to="/explore" search={{ query: `container_cpu_usage_percent{container="${one.name}"}` }}>
                Metrics
              </Link>
              {one.service ? (
                <>
                  {' · '}
                  <Link to="/logs" search={{ service: one.service }}>
                    Logs
                  </Link>
                </>
              ) : null}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Memory({ memory, name }: { memory: Container['memory']; name: string }) {
  if (memory.usage_bytes === null) return <span className="faint">–</span>;
  return (
    <span className={classes.usage}>
      {memory.usage_percent === null ? null : <UsageBar percent={memory.usage_percent} label={`Memory of ${name}`} />}
      {formatBytes(memory.usage_bytes)}
    </span>
  );
}
