import type { IngestReport } from '../../api-client/types.ts';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatCount, formatPerSecond } from '../../format/number.ts';
import { lossesOf } from './losses.ts';

/** One row for each way in and signal. */
export function SourceTable({ sources }: { sources: IngestReport['sources'] }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Source</th>
          <th scope="col">Signal</th>
          <th scope="col" className={table.number}>
            Stored now
          </th>
          <th scope="col" className={table.number}>
            Refused now
          </th>
          <th scope="col" className={table.number}>
            Stored
          </th>
          <th scope="col" className={table.number}>
            Not stored
          </th>
          <th scope="col" className={`${table.number} ${table.minor}`}>
            Cut
          </th>
          <th scope="col" className={`${table.number} ${table.minor}`}>
            Redacted
          </th>
          <th scope="col">Last received</th>
        </tr>
      </thead>
      <tbody>
        {sources.map((source) => (
          <tr key={`${source.source} ${source.signal}`}>
            <th scope="row">{source.source}</th>
            <td>{source.signal}</td>
            <td className={table.number}>{formatPerSecond(source.accepted_per_second)}</td>
            <td className={table.number}>{formatPerSecond(source.refused_per_second)}</td>
            <td className={table.number}>{formatCount(source.accepted)}</td>
            <td className={table.number}>
              {formatCount(lossesOf([source]).reduce((sum, { count }) => sum + count, 0))}
            </td>
            <td className={`${table.number} ${table.minor}`}>{formatCount(source.truncated)}</td>
            <td className={`${table.number} ${table.minor}`}>{formatCount(source.redacted)}</td>
            <td className={`${table.tight} muted`}>
              <RelativeTime time={source.last_received_at} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
