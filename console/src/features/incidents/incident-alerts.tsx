import { Button, Checkbox } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Incident } from '../../api-client/types.ts';
import { AlertStateBadge, SeverityBadge } from '../../components/badges.tsx';
import { Panel } from '../../components/panel.tsx';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { useIncidentActions } from './use-incident-actions.ts';

/** The alerts of an incident and why each is in it; chosen ones can be split off. */
export function IncidentAlerts({ incident }: { incident: Incident }) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const act = useIncidentActions(incident);
  const navigate = useNavigate();
  const canSplit = incident.status !== 'resolved' && incident.alerts.length > 1;
  const choose = (id: string, isChosen: boolean) => {
    const next = new Set(chosen);
    if (isChosen) next.add(id);
    else next.delete(id);
    setChosen(next);
  };
  const split = () =>
    act.mutate(
      { action: 'split', episode_ids: [...chosen] },
      { onSuccess: ({ id }) => void navigate({ to: '/incidents/$incidentId', params: { incidentId: id } }) },
    );
  return (
    <Panel
      title="Alerts"
      note={`${incident.firing_count} of ${incident.alert_count} fire`}
      flush
      actions={
        chosen.size > 0 ? (
          <Button
            size="xs"
            variant="default"
            disabled={chosen.size === incident.alerts.length}
            loading={act.isPending}
            onClick={split}
          >
            Split {chosen.size} off
          </Button>
        ) : null
      }
    >
      <table className={table.table}>
        <thead>
          <tr>
            {canSplit ? (
              <th scope="col">
                <span className="visually-hidden">Choose</span>
              </th>
            ) : null}
            <th scope="col">State</th>
            <th scope="col">Alert</th>
            <th scope="col">Severity</th>
            <th scope="col">Fired</th>
            <th scope="col" className={table.minor}>
              Acknowledged
            </th>
          </tr>
        </thead>
        <tbody>
          {incident.alerts.map((alert) => (
            <tr key={alert.episode_id}>
              {canSplit ? (
                <td className={table.tight}>
                  <Checkbox
                    size="xs"
                    aria-label={`Choose ${alert.alert_name}`}
                    checked={chosen.has(alert.episode_id)}
                    onChange={(event) => choose(alert.episode_id, event.currentTarget.checked)}
                  />
                </td>
              ) : null}
              <td className={table.tight}>
                <AlertStateBadge state={alert.state} />
              </td>
              <th scope="row" className={table.wide}>
                <Link to="/alerts/$alertId" params={{ alertId: alert.alert_id }}>
                  {alert.alert_name}
                </Link>
                <div className={table.detail}>
                  {alert.service ? `${alert.service} · ` : null}
                  {alert.reason.text}
                </div>
              </th>
              <td className={table.tight}>
                <SeverityBadge severity={alert.severity} soft={false} />
              </td>
              <td className={`${table.tight} muted`}>
                <RelativeTime time={alert.fired_at} />
              </td>
              <td className={`${table.tight} ${table.minor} muted`}>
                {alert.acknowledged_by ? `by ${alert.acknowledged_by}` : 'not yet'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
