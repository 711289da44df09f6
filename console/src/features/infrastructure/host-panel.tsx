import { Link } from '@tanstack/react-router';
import type { Infrastructure } from '../../api-client/types.ts';
import { Fact } from '../../components/fact.tsx';
import { Panel } from '../../components/panel.tsx';
import surface from '../../components/surface.module.css';
import { formatBytes, formatBytesPerSecond, formatCount, formatPercent, formatSeconds } from '../../format/number.ts';
import classes from './infrastructure.module.css';
import { UsageBar } from './usage-bar.tsx';

type Host = Infrastructure['hosts'][number];

/** One host as it is now. */
export function HostPanel({ host }: { host: Host }) {
  const { cpu, memory, network } = host;
  return (
    <Panel
      title={host.host}
      note={`up for ${formatSeconds(host.uptime_seconds)}`}
      actions={<Link to="/explore">All its metrics</Link>}
    >
      <dl className={surface.facts}>
        <Fact name="Processor">
          {formatPercent(cpu.usage_percent)} of {cpu.cores} {cpu.cores === 1 ? 'core' : 'cores'}
        </Fact>
        <Fact name="Load over 1, 5, 15 minutes">
          {[cpu.load_1m, cpu.load_5m, cpu.load_15m].map(formatCount).join(' · ')}
        </Fact>
        <Fact name="Memory available">
          {formatBytes(memory.available_bytes)} of {formatBytes(memory.total_bytes)}
        </Fact>
        <Fact name="Received">{formatBytesPerSecond(network.receive_bytes_per_second)}</Fact>
        <Fact name="Sent">{formatBytesPerSecond(network.transmit_bytes_per_second)}</Fact>
      </dl>
      <ul className={classes.disks} aria-label={`Disks of ${host.host}`}>
        {host.disks.map((disk) => (
          <li key={disk.mount}>
            <span className="mono">{disk.mount}</span>
            <UsageBar percent={disk.usage_percent} label={`${disk.mount} used`} />
            <span className="muted">
              {formatPercent(disk.usage_percent)}, {formatBytes(disk.used_bytes)} of {formatBytes(disk.total_bytes)}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
