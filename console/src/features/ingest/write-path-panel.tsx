import type { IngestReport } from '../../api-client/types.ts';
import { Badge } from '../../components/badges.tsx';
import { Fact } from '../../components/fact.tsx';
import { Panel } from '../../components/panel.tsx';
import surface from '../../components/surface.module.css';
import { formatBytes, formatCount } from '../../format/number.ts';

const ACKNOWLEDGED = {
  store: 'when the rows are in their table',
  log: 'when they are in the write-ahead log',
};

/** How far what was acknowledged still has to go. */
export function WritePathPanel({ report }: { report: IngestReport }) {
  const { acknowledge, fsync, log, disk, tables } = report.write_path;
  const failed = tables.filter(({ failure }) => failure !== null);
  return (
    <Panel title="Write path" note={isTroubled(report) ? <Badge tone="critical">Trouble</Badge> : undefined}>
      <dl className={surface.facts}>
        <Fact name="Senders hear of success">{ACKNOWLEDGED[acknowledge]}</Fact>
        {fsync ? <Fact name="Synchronised with the disk">{fsync === '1s' ? 'every second' : 'always'}</Fact> : null}
        {report.in_flight.map(({ signal, items, limit }) => (
          <Fact key={signal} name={`On their way: ${signal}`}>
            {formatCount(items)} of {formatCount(limit)}
          </Fact>
        ))}
        <Fact name="Not yet in their tables">{describePending(tables)}</Fact>
        {log ? (
          <Fact name="Write-ahead log">
            {formatBytes(log.bytes)} in {log.segments} {log.segments === 1 ? 'segment' : 'segments'}
          </Fact>
        ) : null}
        {log && log.damaged_rows > 0 ? <Fact name="Lost to damage">{formatCount(log.damaged_rows)} rows</Fact> : null}
        {log && log.set_aside_rows > 0 ? <Fact name="Set aside">{formatCount(log.set_aside_rows)} rows</Fact> : null}
        {log?.failure ? <Fact name="Failure of the log">{log.failure}</Fact> : null}
        {disk ? (
          <Fact name="Free on the disk">
            {formatBytes(disk.free_bytes)}, {formatBytes(disk.reserve_bytes)} of it kept free
          </Fact>
        ) : null}
        {failed.map(({ table, failure }) => (
          <Fact key={table} name={`Failure of ${table}`}>
            {failure}
          </Fact>
        ))}
      </dl>
    </Panel>
  );
}

function isTroubled({ write_path: { log, disk, tables } }: IngestReport): boolean {
  return Boolean(log?.failure) || disk?.exhausted === true || tables.some(({ failure }) => failure !== null);
}

/** `1,840 rows: metric samples 1,770, otel logs 70`. */
function describePending(tables: IngestReport['write_path']['tables']): string {
  const waiting = tables.filter(({ pending_rows: rows }) => rows > 0).sort((a, b) => b.pending_rows - a.pending_rows);
  if (waiting.length === 0) return 'nothing';
  const sum = waiting.reduce((total, { pending_rows: rows }) => total + rows, 0);
  const parts = waiting.map(({ table, pending_rows: rows }) => `${table.replaceAll('_', ' ')} ${formatCount(rows)}`);
  return `${formatCount(sum)} rows: ${parts.join(', ')}`;
}
