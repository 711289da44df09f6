import { Select } from '@mantine/core';
import { IconStack2 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { AlertGroup, RoutingView } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useSearchState } from '../../app/search-state.ts';
import { AlertStateBadge, SeverityBadge } from '../../components/badges.tsx';
import { Labels } from '../../components/labels.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { AlertTabs } from './alert-tabs.tsx';
import { SAID_BESIDE } from './condition.ts';

/** Alerts in the groups in which they are told. */
export function GroupsPage() {
  const [{ receiver }, change] = useSearchState<{ receiver?: string | undefined }>();
  const { query, items } = usePages<AlertGroup>('api/alerts/groups', { receiver, limit: 50 });
  const routing = useLiveQuery<RoutingView>('api/alerts/routes');
  const receivers = routing.data?.receivers.map(({ name }) => name) ?? [];
  const shown = items?.filter(({ alerts }) => alerts.length > 0);
  return (
    <Page title="Alert groups" note="each is told of in one notification">
      <AlertTabs />
      <div className={surface.bar}>
        <Select
          aria-label="Receiver"
          placeholder="Every receiver"
          clearable
          data={receiver && !receivers.includes(receiver) ? [receiver, ...receivers] : receivers}
          value={receiver ?? null}
          onChange={(value) => change({ receiver: value ?? undefined })}
        />
      </div>
      {query.error && !items ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {!items && !query.error ? <LoadingRows rows={6} /> : null}
      {shown?.length === 0 ? (
        <div className={surface.surface}>
          <EmptyState icon={IconStack2} title="No alert is in a group">
            A group begins with its first alert that fires. How alerts are grouped stands in the{' '}
            <Link to="/routing">routing</Link>.
          </EmptyState>
        </div>
      ) : null}
      {shown?.map((group) => (
        <Group key={group.id} group={group} />
      ))}
    </Page>
  );
}

function Group({ group }: { group: AlertGroup }) {
  return (
    <Panel
      title={group.receiver}
      note={Object.keys(group.labels).length === 0 ? 'all together' : <Labels labels={group.labels} />}
      actions={
        <span className="muted" style={{ fontSize: '0.75rem' }}>
          {describeTold(group)}
        </span>
      }
      flush
    >
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">State</th>
            <th scope="col">Alert</th>
            <th scope="col" className={table.minor}>
              Severity
            </th>
            <th scope="col" className={table.minor}>
              Since
            </th>
            <th scope="col">Told</th>
          </tr>
        </thead>
        <tbody>
          {group.alerts.map((alert) => (
            <tr key={alert.episode_id}>
              <td className={table.tight}>
                <AlertStateBadge state={alert.state} />
              </td>
              <th scope="row">
                <Link to="/alerts/$alertId" params={{ alertId: alert.alert_id }}>
                  {alert.labels.alertname ?? alert.alert_id}
                </Link>{' '}
                <Labels labels={alert.labels} without={[...SAID_BESIDE, ...Object.keys(group.labels)]} />
              </th>
              <td className={`${table.tight} ${table.minor}`}>
                <SeverityBadge severity={alert.severity} soft={false} />
              </td>
              <td className={`${table.tight} ${table.minor} muted`}>
                <RelativeTime time={alert.started_at} />
              </td>
              <td className={`${table.tight} muted`}>
                {alert.suppressed_by.length > 0 ? (
                  `kept quiet: ${kindsOf(alert.suppressed_by).join(', ')}`
                ) : alert.sent_at ? (
                  <RelativeTime time={alert.sent_at} />
                ) : (
                  'not yet'
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

/** `silence`, `time interval`: each kind once, of however many. */
function kindsOf(suppressors: readonly string[]): string[] {
  return [...new Set(suppressors.map((one) => one.split(':', 1)[0]!.replaceAll('_', ' ')))];
}

/** The labels that tell the alerts of a group apart. */
function describeTold(group: AlertGroup) {
  const { notification_count: count, last_notified_at, next_reminder_at, next_look_at } = group;
  return (
    <>
      {group.is_former ? 'of routes that were changed, kept to tell of the end; ' : null}
      {count === 0 ? 'not told yet' : `told ${count === 1 ? 'once' : `${count} times`}`}
      {last_notified_at ? (
        <>
          , last <RelativeTime time={last_notified_at} />
        </>
      ) : null}
      {next_reminder_at ? (
        <>
          , said again <RelativeTime time={next_reminder_at} /> unless somebody acknowledges
        </>
      ) : null}
      {next_look_at && next_look_at !== next_reminder_at ? (
        <>
          , next look <RelativeTime time={next_look_at} />
        </>
      ) : null}
    </>
  );
}
