import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBellOff, IconCheck, IconPencil, IconSend, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useParams } from '@tanstack/react-router';
import { ApiError, get } from '../../api-client/http.ts';
import type { Alert, Episode, Page as PageOf } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { AlertStateBadge, SeverityBadge } from '../../components/badges.tsx';
import { Fact } from '../../components/fact.tsx';
import { Labels } from '../../components/labels.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, ErrorState, Loaded, LoadingRows } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { useRefresh } from '../../time/refresh.tsx';
import { QueryChart } from '../explore/query-chart.tsx';
import { SnoozeMenu } from '../incidents/snooze-menu.tsx';
import { AlertIncidents } from './alert-incidents.tsx';
import { AlertLinks } from './alert-links.tsx';
import { AlertVersions } from './alert-versions.tsx';
import {
  describeCondition,
  firstThreshold,
  formatAlertValue,
  isManual,
  SAID_BESIDE,
  shownSeverity,
  shownState,
} from './condition.ts';
import { EpisodeTable } from './episode-table.tsx';
import { useAlertActions } from './use-alert-actions.ts';

/** One alert: its state, what it watches, its past. */
export function AlertPage() {
  const { alertId } = useParams({ strict: false }) as { alertId: string };
  const { seconds } = useRefresh();
  const query = useQuery({
    queryKey: ['api/alerts', alertId],
    queryFn: ({ signal }) => get<Alert>(`api/alerts/${encodeURIComponent(alertId)}`, {}, signal),
    refetchInterval: seconds > 0 ? seconds * 1000 : false,
  });
  if (query.data) return <AlertView alert={query.data} />;
  if (query.error instanceof ApiError && query.error.status === 404) {
    return (
      <Page title="Alert not found">
        <EmptyState icon={IconBellOff} title="There is no alert with this id">
          It may have been deleted; its episodes are kept in the <Link to="/alerts/history">history</Link>.
        </EmptyState>
      </Page>
    );
  }
  return (
    <Page title="Alert">
      {query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <LoadingRows rows={8} />}
    </Page>
  );
}

function AlertView({ alert }: { alert: Alert }) {
  const history = useLiveQuery<PageOf<Episode>>('api/alerts/history', { alert_id: alert.id, limit: 20 });
  return (
    <Page title={alert.name} note={<AlertStateBadge state={shownState(alert)} />} actions={<Actions alert={alert} />}>
      {alert.description ? <p style={{ margin: 0, maxWidth: '90ch' }}>{alert.description}</p> : null}
      <dl className={surface.facts}>
        <Fact name="Severity">
          <SeverityBadge severity={shownSeverity(alert)} />
        </Fact>
        <Fact name="Condition">{describeCondition(alert)}</Fact>
        {alert.kind === 'promql' || isManual(alert) ? null : (
          <Fact name="Watches">
            <code className="mono">{alert.watches}</code>
          </Fact>
        )}
        {isManual(alert) ? null : <Fact name="Health">{HEALTH[alert.health]}</Fact>}
        <Fact name="Service">{alert.service ?? 'Any'}</Fact>
        {isManual(alert) ? null : (
          <Fact name="Evaluated">
            <RelativeTime time={alert.last_evaluated_at} />, every {alert.interval}
          </Fact>
        )}
        <Fact name="Notifies">{describeRecipients(alert)}</Fact>
        <AlertLinks alert={alert} />
        {alert.annotations.runbook_url ? (
          <Fact name="Runbook">
            <a href={alert.annotations.runbook_url} rel="noreferrer" target="_blank">
              {alert.annotations.runbook_url}
            </a>
          </Fact>
        ) : null}
      </dl>
      {alert.last_error ? <ErrorState error={new Error(alert.last_error)} /> : null}
      {alert.query && alert.kind === 'promql' ? (
        <Panel title="Watched value" note={<code className="mono">{alert.query}</code>}>
          <QueryChart query={alert.query} label={`Value of ${alert.name}`} threshold={firstThreshold(alert)} />
        </Panel>
      ) : null}
      {alert.instances.length > 0 ? <Instances alert={alert} /> : null}
      {history.data ? <AlertIncidents episodes={history.data.items} /> : null}
      <Panel
        title="History"
        flush
        actions={
          <Link to="/alerts/history" search={{ alert_id: alert.id }}>
            All
          </Link>
        }
      >
        <Loaded
          query={history}
          isEmpty={({ items }) => items.length === 0}
          empty={
            <EmptyState icon={IconCheck} title="It has never fired">
              “Send a test” shows whether its messages arrive.
            </EmptyState>
          }
        >
          {({ items }) => <EpisodeTable episodes={items} alert={alert} />}
        </Loaded>
      </Panel>
      <AlertVersions alert={alert} />
    </Page>
  );
}

const HEALTH: Record<Alert['health'], string> = {
  ok: 'Evaluates',
  no_data: 'Finds no data',
  error: 'Cannot be evaluated',
  unknown: 'Not evaluated yet',
};

function describeRecipients({ notify }: Alert): string {
  if (!notify) return 'Default recipients';
  const escalates = notify.escalation_policy_id !== null;
  if (escalates && notify.users.length === 0 && !notify.channels) return 'Its escalation policy';
  const named = notify.users.length === 0 ? 'Default recipients' : notify.users.join(', ');
  const people = escalates ? `${named}, and its escalation policy` : named;
  return notify.channels ? `${people} by ${notify.channels.join(', ')}` : people;
}

function Actions({ alert }: { alert: Alert }) {
  const navigate = useNavigate();
  const { act, erase } = useAlertActions(alert);
  const [asking, dialog] = useDisclosure(false);
  const active = alert.state === 'firing' || alert.state === 'recovering';
  return (
    <>
      {active ? (
        <Button
          leftSection={<IconCheck size={14} aria-hidden="true" />}
          disabled={alert.instances.every((instance) => instance.acknowledged)}
          loading={act.isPending}
          onClick={() => act.mutate({ action: 'acknowledge' })}
        >
          Acknowledge
        </Button>
      ) : null}
      {active ? (
        <>
          <SnoozeMenu onSnooze={(length) => act.mutate({ action: 'snooze', for: length })} />
          <Button variant="default" loading={act.isPending} onClick={() => act.mutate({ action: 'resolve' })}>
            Resolve
          </Button>
        </>
      ) : null}
      <Button
        variant="default"
        leftSection={<IconSend size={14} aria-hidden="true" />}
        loading={act.isPending}
        onClick={() => act.mutate({ action: 'test' })}
      >
        Send a test
      </Button>
      <Button
        variant="default"
        leftSection={<IconPencil size={14} aria-hidden="true" />}
        onClick={() => void navigate({ to: '/alerts/$alertId/edit', params: { alertId: alert.id } })}
      >
        Edit
      </Button>
      <Button variant="default" leftSection={<IconTrash size={14} aria-hidden="true" />} onClick={dialog.open}>
        Delete
      </Button>
      <Modal opened={asking} onClose={dialog.close} title={`Delete “${alert.name}”?`} centered>
        <p style={{ marginTop: 0 }}>What fires is resolved. The history is kept.</p>
        <Button
          color="red"
          loading={erase.isPending}
          onClick={() => erase.mutate(undefined, { onSuccess: () => void navigate({ to: '/alerts' }) })}
        >
          Delete alert
        </Button>
      </Modal>
    </>
  );
}

function Instances({ alert }: { alert: Alert }) {
  return (
    <Panel title="Active now" note={`${alert.instances.length}`} flush>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Labels</th>
            <th scope="col" className={table.number}>
              Value
            </th>
            <th scope="col">Since</th>
            <th scope="col" className={table.minor}>
              Acknowledged
            </th>
          </tr>
        </thead>
        <tbody>
          {alert.instances.map((instance) => (
            <tr key={instance.fingerprint}>
              <td className={table.tight}>
                <AlertStateBadge state={instance.state} />
              </td>
              <th scope="row">
                <Labels labels={instance.labels} without={SAID_BESIDE} />
              </th>
              <td className={table.number}>{formatAlertValue(alert, instance.value)}</td>
              <td className={`${table.tight} muted`}>
                <RelativeTime time={instance.since} />
              </td>
              <td className={`${table.tight} ${table.minor} muted`}>
                {instance.acknowledged ? `by ${instance.acknowledged_by ?? 'somebody'}` : 'not yet'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
