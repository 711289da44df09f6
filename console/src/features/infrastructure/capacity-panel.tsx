import type { Infrastructure } from '../../api-client/types.ts';
import { Badge } from '../../components/badges.tsx';
import { Panel } from '../../components/panel.tsx';
import table from '../../components/table.module.css';
import { Moment, RelativeTime } from '../../components/times.tsx';
import { formatPercent, formatRatio } from '../../format/number.ts';

const SOON_MS = 14 * 86_400_000;

/** When what fills up will be full, if it goes on as it did. */
export function CapacityPanel({ capacity }: { capacity: Infrastructure['capacity'] }) {
  if (capacity.length === 0) return null;
  return (
    <Panel title="How long there is room" note="a straight line through the last days" flush>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col" className={table.number}>
              Used
            </th>
            <th scope="col" className={table.number}>
              A day
            </th>
            <th scope="col">Full</th>
            <th scope="col" className={`${table.number} ${table.minor}`}>
              Confidence
            </th>
          </tr>
        </thead>
        <tbody>
          {capacity.map((one) => (
            <tr key={one.resource}>
              <th scope="row">{one.resource}</th>
              <td className={table.number}>{formatPercent(one.used_percent)}</td>
              <td className={table.number}>
                {one.trend_per_day > 0 ? '+' : ''}
                {formatPercent(one.trend_per_day)}
              </td>
              <td>
                {one.full_at === null ? (
                  <span className="muted">not within a year</span>
                ) : (
                  <>
                    {Date.parse(one.full_at) - Date.now() < SOON_MS ? <Badge tone="warning">Soon</Badge> : null}{' '}
                    <Moment time={one.full_at} />, <RelativeTime time={one.full_at} />
                  </>
                )}
              </td>
              <td className={`${table.number} ${table.minor} muted`}>{formatRatio(one.confidence)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
