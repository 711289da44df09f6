import type { ReactNode } from 'react';
import type { MetricHistory } from '../../api-client/types.ts';
import { useAnnotations } from '../../api-client/use-annotations.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { ErrorState, LoadingRows } from '../../components/states.tsx';
import { TimeSeriesChart } from '../../components/time-series-chart.tsx';
import { formatBytes, formatBytesPerSecond, formatPercent } from '../../format/number.ts';
import { resolveRange, stepFor } from '../../time/time-range.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import classes from './host-charts.module.css';
import { useSystem } from './use-system.ts';

interface Line {
  metric: string;
  name: string;
  /** How several series of the host become one. */
  aggregate?: 'max';
  color: number;
}

const CPU: Line[] = [{ metric: 'host_cpu_usage_percent', name: 'CPU', color: 0 }];
const MEMORY: Line[] = [{ metric: 'host_memory_usage_percent', name: 'Memory', color: 1 }];
const NETWORK: Line[] = [
  { metric: 'host_network_receive_bytes_per_second', name: 'Received', color: 5 },
  { metric: 'host_network_transmit_bytes_per_second', name: 'Sent', color: 3 },
];
const DISK: Line[] = [{ metric: 'host_disk_usage_percent', name: 'Fullest disk', aggregate: 'max', color: 2 }];

/** The host over the global range. */
export function HostCharts() {
  const query = useSystem();
  const system = query.data?.system;
  const known = query.data ? new Set(query.data.items.map((item) => item.name)) : undefined;
  if (query.error && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return (
    <section className={classes.grid} aria-label="Host">
      <HostChart
        title="CPU"
        lines={CPU}
        format={formatPercent}
        atLeast={100}
        known={known}
        value={formatPercent(system?.cpu.usage_percent)}
      />
      <HostChart
        title="Memory"
        lines={MEMORY}
        format={formatPercent}
        atLeast={100}
        known={known}
        value={formatPercent(system?.memory.usage_percent)}
        note={system ? `${formatBytes(system.memory.used_bytes)} of ${formatBytes(system.memory.total_bytes)}` : null}
      />
      <HostChart
        title="Network"
        lines={NETWORK}
        format={formatBytesPerSecond}
        known={known}
        value={formatBytesPerSecond(system?.network.receive_bytes_per_second)}
        note={system ? `received, ${formatBytesPerSecond(system.network.transmit_bytes_per_second)} sent` : null}
      />
      <HostChart
        title="Disk"
        lines={DISK}
        format={formatPercent}
        atLeast={100}
        known={known}
        value={formatPercent(fullest(system?.disks)?.usage_percent)}
        note={describeDisk(fullest(system?.disks))}
      />
    </section>
  );
}

interface Disk {
  mount: string;
  total_bytes: number;
  used_bytes: number;
  usage_percent: number;
}

function fullest(disks: readonly Disk[] | undefined): Disk | undefined {
  return disks?.reduce<Disk | undefined>(
    (most, disk) => (most && most.usage_percent >= disk.usage_percent ? most : disk),
    undefined,
  );
}

function describeDisk(disk: Disk | undefined): string | null {
  return disk ? `${formatBytes(disk.used_bytes)} used, ${formatBytes(freeBytes(disk))} free on ${disk.mount}` : null;
}

/** What can still be written: the percentage is of that and what is used, not of what is reserved as well. */
function freeBytes({ total_bytes, used_bytes, usage_percent }: Disk): number {
  if (usage_percent <= 0) return total_bytes - used_bytes;
  return Math.max(0, Math.min(total_bytes - used_bytes, (used_bytes / usage_percent) * 100 - used_bytes));
}

interface HostChartProps {
  title: string;
  lines: Line[];
  format: (value: number) => string;
  /** The metrics that were stored so far; undefined while that is asked. */
  known: ReadonlySet<string> | undefined;
  value: string;
  note?: ReactNode;
  atLeast?: number;
}

function HostChart({ title, lines, format, known, value, note, atLeast }: HostChartProps) {
  const missing = known !== undefined && !lines.every((line) => known.has(line.metric));
  return (
    <article className={classes.card} aria-label={title}>
      <header className={classes.head}>
        <h2 className={classes.title}>{title}</h2>
        {note ? <span className={classes.note}>{note}</span> : null}
      </header>
      <div className={classes.value}>{value}</div>
      {known === undefined ? <LoadingRows rows={3} /> : null}
      {missing ? <p className={classes.waiting}>The first readings are being taken.</p> : null}
      {known !== undefined && !missing ? (
        <Lines label={`${title} of the host`} lines={lines} format={format} atLeast={atLeast} />
      ) : null}
    </article>
  );
}

interface LinesProps {
  label: string;
  lines: Line[];
  format: (value: number) => string;
  atLeast: number | undefined;
}

function Lines({ label, lines, format, atLeast }: LinesProps) {
  const [range, setRange] = useTimeRange();
  const step = stepFor(range);
  const annotations = useAnnotations(range);
  // The lines of a chart are a constant, so the number of hooks never changes.
  const queries = lines.map((line) =>
    // biome-ignore lint/correctness/useHookAtTopLevel: see above
    useLiveQuery<MetricHistory>(
      `api/monitoring/metrics/history/${line.metric}`,
      { step, aggregate: line.aggregate },
      { range },
    ),
  );
  const failed = queries.find((query) => query.error && query.data === undefined);
  const latest = queries[0]?.data;
  if (failed) return <ErrorState error={failed.error!} onRetry={() => void failed.refetch()} />;
  if (!latest || queries.some((query) => query.data === undefined)) return <LoadingRows rows={3} />;
  return (
    <TimeSeriesChart
      label={label}
      series={lines.map((line, index) => ({
        name: line.name,
        color: line.color,
        points: queries[index]?.data?.series[0]?.points ?? [],
      }))}
      format={format}
      stepSeconds={latest.step_seconds}
      range={resolveRange({ start: latest.start, end: latest.end }, 0)}
      atLeast={atLeast}
      height={124}
      annotations={annotations}
      onZoom={(start, end) => setRange({ start: new Date(start).toISOString(), end: new Date(end).toISOString() })}
    />
  );
}
