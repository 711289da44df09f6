import { Link } from '@tanstack/react-router';
import type { Alert } from '../../api-client/types.ts';
import { AlertStateBadge, SeverityBadge } from '../../components/badges.tsx';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { describeSubject, shownSeverity, shownState } from './condition.ts';

/** Alerts in short: what, how bad, since when. */
export function AlertList({ alerts }: { alerts: readonly Alert[] }) {
  return (
    <table className={table.table}>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">Alert</th>
          <th scope="col">Severity</th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {alerts.map((alert) => (
          <tr key={alert.id}>
            <th scope="row" className={table.wide}>
              <Link to="/alerts/$alertId" params={{ alertId: alert.id }}>
                {alert.name}
              </Link>
              <div className={table.detail}>
                {alert.service ?? describeSubject(alert)}
                {alert.instances[0] ? (
                  <>
                    {' · since '}
                    <RelativeTime time={earliest(alert)} />
                  </>
                ) : null}
              </div>
            </th>
            <td className={table.tight}>
              <SeverityBadge severity={shownSeverity(alert)} soft={false} />
            </td>
            <td className={table.tight}>
              <AlertStateBadge state={shownState(alert)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function earliest(alert: Alert): string {
  return alert.instances.map((instance) => instance.since).sort()[0]!;
}
