import { capital } from '../../components/badges.tsx';
import table from '../../components/table.module.css';
import { formatCount } from '../../format/number.ts';
import type { Loss } from './losses.ts';

/** Why items are not stored, and what to do about it. */
export function LossTable({ losses }: { losses: readonly Loss[] }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Reason</th>
          <th scope="col">Source</th>
          <th scope="col" className={table.number}>
            Items
          </th>
          <th scope="col">What to do</th>
        </tr>
      </thead>
      <tbody>
        {losses.map(({ source, signal, reason, description, advice, count }) => (
          <tr key={`${source} ${signal} ${reason}`}>
            <th scope="row">
              {capital(reason)}
              <div className={table.detail}>{description}</div>
            </th>
            <td>
              {source}, {signal}
            </td>
            <td className={table.number}>{formatCount(count)}</td>
            <td>{advice}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
