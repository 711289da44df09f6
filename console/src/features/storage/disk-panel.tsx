import type { Storage } from '../../api-client/types.ts';
import { Fact } from '../../components/fact.tsx';
import { Panel } from '../../components/panel.tsx';
import surface from '../../components/surface.module.css';
import { formatBytes, formatRatio } from '../../format/number.ts';

const ENGINES: Record<Storage['engine'], string> = {
  embedded: 'in the service itself',
  server: 'a ClickHouse server',
  cluster: 'a ClickHouse cluster',
};

/** The disk, and the budget that telemetry has of it. */
export function DiskPanel({ storage: { engine, disk, budget } }: { storage: Storage }) {
  return (
    <Panel title="Disk">
      <dl className={surface.facts}>
        <Fact name="Telemetry is">{ENGINES[engine]}</Fact>
        <Fact name="Free">
          {disk ? `${formatBytes(disk.free_bytes)} of ${formatBytes(disk.total_bytes)}` : 'the server does not tell'}
        </Fact>
        <Fact name="Budget">{budget ? formatBytes(budget.limit_bytes) : 'none; DISK_BUDGET sets one'}</Fact>
        {budget ? <Fact name="Of it used">{formatRatio(budget.used_bytes / budget.limit_bytes)}</Fact> : null}
        {budget?.last_dropped ? (
          <Fact name="Dropped for it since the start">
            {formatBytes(budget.dropped_bytes)}, lastly of {budget.last_dropped.day}
          </Fact>
        ) : null}
      </dl>
    </Panel>
  );
}
