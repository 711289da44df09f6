import type { IngestReport } from '../../api-client/types.ts';
import { capital } from '../../components/badges.tsx';
import table from '../../components/table.module.css';
import { Timestamp } from '../../components/times.tsx';

/** The newest items that were refused. */
export function ExampleTable({ examples }: { examples: IngestReport['examples'] }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Source</th>
          <th scope="col">Metric or service</th>
          <th scope="col">Reason</th>
        </tr>
      </thead>
      <tbody>
        {examples.map(({ time, source, signal, subject, reason, detail }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: examples have no identity and are all replaced together
          <tr key={index}>
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
          </tr>
        ))}
      </tbody>
    </table>
  );
}
