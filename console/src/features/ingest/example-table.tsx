import type { IngestReport } from '../../api-client/types.ts';
import { capital } from '../../components/badges.tsx';
import table from '../../components/table.module.css';
import { Timestamp } from '../../components/times.tsx';
import { formatCount } from '../../format/number.ts';

/** The newest items that were refused. */
export function ExampleTable({ examples }: { examples: IngestReport['examples'] }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Last</th>
          <th scope="col">Source</th>
          <th scope="col">Metric or service</th>
          <th scope="col">Reason</th>
          <th scope="col" className={table.number}>
            Times
          </th>
        </tr>
      </thead>
      <tbody>
        {examples.map(({ time, source, signal, subject, reason, detail, count }) => (
          <tr key={`${source} ${signal} ${reason} ${subject}`}>
            <td className={table.tight}>
              <Timestamp time={time} />
            </td>
            <td className={table.tight}>
              {source}, {signal}
            </td>
            <td>{subject || <span className="faint">not known</span>}</td>
            <td>
              {capital(reason)}
              {detail ? <div className={table.detail}>{detail}</div> : null}
            </td>
            <td className={table.number}>{formatCount(count)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
