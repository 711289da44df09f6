import { IconFlameOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { ApiError, get } from '../../api-client/http.ts';
import type { Incident } from '../../api-client/types.ts';
import { SeverityBadge } from '../../components/badges.tsx';
import { Fact } from '../../components/fact.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatSeconds } from '../../format/number.ts';
import { useRefresh } from '../../time/refresh.tsx';
import classes from './incident.module.css';
import { IncidentActions } from './incident-actions.tsx';
import { IncidentAlerts } from './incident-alerts.tsx';
import { IncidentEscalations } from './incident-escalations.tsx';
import { IncidentStatus } from './incident-status.tsx';
import { IncidentTimeline } from './incident-timeline.tsx';

/** One incident: what may be the cause, its alerts, and what happened. */
export function IncidentPage() {
  const { incidentId } = useParams({ strict: false }) as { incidentId: string };
  const { seconds } = useRefresh();
  const query = useQuery({
    queryKey: ['api/incidents', incidentId],
    queryFn: ({ signal }) => get<Incident>(`api/incidents/${encodeURIComponent(incidentId)}`, {}, signal),
    refetchInterval: seconds > 0 ? seconds * 1000 : false,
  });
  if (query.data) return <IncidentView incident={query.data} />;
  if (query.error instanceof ApiError && query.error.status === 404) {
    return (
      <Page title="Incident not found">
        <EmptyState icon={IconFlameOff} title="There is no incident with this id">
          It may be older than what is kept. All that are known are in the <Link to="/incidents">list</Link>.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title="Incident">
      {query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <LoadingRows rows={8} />}
    </Page>
  );
}

function IncidentView({ incident }: { incident: Incident }) {
  return (
    <Page
      title={incident.title}
      note={<IncidentStatus incident={incident} />}
      actions={<IncidentActions incident={incident} />}
    >
      {incident.merged_into ? (
        <p style={{ margin: 0 }}>
          Its alerts go on in{' '}
          <Link to="/incidents/$incidentId" params={{ incidentId: incident.merged_into }} className={classes.link!}>
            another incident
          </Link>
          .
        </p>
      ) : null}
      <dl className={surface.facts}>
        <Fact name="Severity">
          <SeverityBadge severity={incident.severity} />
        </Fact>
        <Fact name="Opened">
          <RelativeTime time={incident.opened_at} />
        </Fact>
        <Fact name={incident.resolved_at ? 'Lasted' : 'Lasts'}>{formatSeconds(incident.duration_seconds)}</Fact>
        <Fact name="Services">
          {incident.services.length === 0 ? 'None named' : null}
          {incident.services.map((service, index) => (
            <span key={service}>
              {index > 0 ? ', ' : ''}
              <Link to="/services/$service" params={{ service }} className={classes.link!}>
                {service}
              </Link>
            </span>
          ))}
        </Fact>
        <Fact name="Acknowledged">
          {incident.acknowledged_by ? `by ${incident.acknowledged_by}` : 'not yet'}
          {incident.acknowledged_until ? (
            <>
              , ends <RelativeTime time={incident.acknowledged_until} />
            </>
          ) : null}
        </Fact>
        <Fact name="Assigned to">{incident.assignee ?? 'nobody'}</Fact>
        {incident.snoozed_until ? (
          <Fact name="Snoozed">
            by {incident.snoozed_by}, ends <RelativeTime time={incident.snoozed_until} />
          </Fact>
        ) : null}
      </dl>
      {incident.suspected_causes.length > 0 ? <Causes incident={incident} /> : null}
      <IncidentEscalations incident={incident} />
      <IncidentAlerts incident={incident} />
      <IncidentTimeline incident={incident} />
    </Page>
  );
}

function Causes({ incident }: { incident: Incident }) {
  return (
    <Panel title="Suspected cause" note="by what depends on what, and what came first">
      <ol className={classes.causes}>
        {incident.suspected_causes.slice(0, 3).map((cause) => (
          <li key={cause.episode_id ?? cause.service}>
            <div className={classes.score} title="How much speaks for it">
              <span className="visually-hidden">{Math.round(cause.score * 100)} %</span>
              <div style={{ width: `${Math.round(cause.score * 100)}%` }} />
            </div>
            <div>
              <div className={classes.suspect}>
                {cause.alert_id ? (
                  <Link to="/alerts/$alertId" params={{ alertId: cause.alert_id }} className={classes.link!}>
                    {cause.alert_name}
                  </Link>
                ) : null}
                {cause.service ? `${cause.alert_id ? ' on ' : ''}${cause.service}` : null}
                {cause.count > 1 ? <span className="muted"> ({cause.count} alerts)</span> : null}
              </div>
              <div className="muted">{cause.reasons.join('; ') || 'one of the alerts'}</div>
            </div>
          </li>
        ))}
      </ol>
    </Panel>
  );
}
