import type { Storage } from '../../api-client/types.ts';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatBytes, formatCount, formatSeconds } from '../../format/number.ts';
import { nameOfSignal } from './name-of-signal.ts';

/** Logs, traces and metrics: how much, since when, for how long. */
export function SignalTable({ signals }: { signals: Storage['signals'] }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Signal</th>
          <th scope="col" className={table.number}>
            On disk
          </th>
          <th scope="col" className={table.number}>
            Rows
          </th>
          <th scope="col" className={`${table.number} ${table.minor}`}>
            Bytes a row
          </th>
          <th scope="col" className={`${table.number} ${table.minor}`}>
            Parts
          </th>
          <th scope="col">Oldest</th>
          <th scope="col">Newest</th>
          <th scope="col">Kept for</th>
        </tr>
      </thead>
      <tbody>
        {signals.map(({ signal, bytes, rows, parts, oldest, newest, retention_seconds: seconds }) => (
          <tr key={signal}>
            <th scope="row">{nameOfSignal(signal)}</th>
            <td className={table.number}>{formatBytes(bytes)}</td>
            <td className={table.number}>{formatCount(rows)}</td>
            <td className={`${table.number} ${table.minor}`}>{formatCount(rows === 0 ? null : bytes / rows)}</td>
            <td className={`${table.number} ${table.minor}`}>{formatCount(parts)}</td>
            <td className={table.tight}>
              <RelativeTime time={oldest} />
            </td>
            <td className={table.tight}>
              <RelativeTime time={newest} />
            </td>
            <td className={table.tight}>{formatSeconds(seconds)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
