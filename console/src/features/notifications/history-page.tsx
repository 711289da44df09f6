import { ActionIcon, Select } from '@mantine/core';
import { IconChevronDown, IconChevronRight, IconSend } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import type { Notification } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useSearchState } from '../../app/search-state.ts';
import { capital, SeverityBadge } from '../../components/badges.tsx';
import { CHANNEL_CHOICES } from '../../components/channel-names.ts';
import { DeliveryStatus } from '../../components/delivery-status.tsx';
import { Page } from '../../components/page.tsx';
import { PagedList } from '../../components/paged-list.tsx';
import { EmptyState } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { useTimeRange } from '../../time/use-time-range.ts';
import { AnalyticsPanel } from './analytics-panel.tsx';
import { DecisionTrace } from './decision-trace.tsx';
import { NotificationTabs } from './notification-tabs.tsx';
import classes from './notifications-page.module.css';

interface HistoryFilters {
  status?: string | undefined;
  channel?: string | undefined;
}

const STATUSES = [
  ...['scheduled', 'queued', 'retrying', 'bundled', 'sent', 'delivered', 'read'],
  ...['failed', 'dead', 'suppressed', 'canceled', 'unknown'],
];
const choices = (values: string[]) => values.map((value) => ({ value, label: capital(value) }));

/** Everything that was sent to anybody, and how far it came. */
export function NotificationHistoryPage() {
  const [{ status, channel }, change] = useSearchState<HistoryFilters>();
  const [range] = useTimeRange();
  const pages = usePages<Notification>('api/notifications', { status, channel, limit: 100 }, range);
  return (
    <Page title="Notification history" note="everybody’s, with each delivery">
      <NotificationTabs />
      <div className={surface.bar}>
        <Select
          aria-label="Status"
          placeholder="Any status"
          w={160}
          clearable
          data={choices(STATUSES)}
          value={status ?? null}
          onChange={(value) => change({ status: value ?? undefined })}
        />
        <Select
          aria-label="Channel"
          placeholder="Any channel"
          w={160}
          clearable
          data={CHANNEL_CHOICES}
          value={channel ?? null}
          onChange={(value) => change({ channel: value ?? undefined })}
        />
      </div>
      <AnalyticsPanel range={range} channel={channel} />
      <PagedList
        pages={pages}
        rows={8}
        more="Load older notifications"
        empty={
          <EmptyState icon={IconSend} title="Nothing was sent in this time range">
            Choose a longer range above, or fewer filters.
          </EmptyState>
        }
      >
        {(items) => <HistoryTable notifications={items} />}
      </PagedList>
    </Page>
  );
}

function HistoryTable({ notifications }: { notifications: readonly Notification[] }) {
  const [openId, setOpenId] = useState<string>();
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">
            <span className="visually-hidden">Details</span>
          </th>
          <th scope="col" className={table.minor}>
            Sent
          </th>
          <th scope="col">Subject</th>
          <th scope="col" className={table.minor}>
            Severity
          </th>
          <th scope="col" className={table.minor}>
            User
          </th>
          <th scope="col">Deliveries</th>
        </tr>
      </thead>
      <tbody>
        {notifications.map((notification) => {
          const open = notification.id === openId;
          return (
            <Fragment key={notification.id}>
              <tr>
                <td className={table.tight}>
                  <ActionIcon
                    size="xs"
                    aria-expanded={open}
                    aria-label={`${open ? 'Close' : 'Open'} the decisions about ${notification.subject || notification.message}`}
                    onClick={() => setOpenId(open ? undefined : notification.id)}
                  >
                    {open ? <IconChevronDown size={13} /> : <IconChevronRight size={13} />}
                  </ActionIcon>
                </td>
                <td className={`${table.tight} ${table.minor} muted`}>
                  <RelativeTime time={notification.created_at} />
                </td>
                <th scope="row" className={table.wide}>
                  {notification.alert_id ? (
                    <Link to="/alerts/$alertId" params={{ alertId: notification.alert_id }}>
                      {notification.subject || notification.message}
                    </Link>
                  ) : (
                    <div className="truncate">{notification.subject || notification.message}</div>
                  )}
                  <div className={table.detail}>{notification.type}</div>
                </th>
                <td className={`${table.tight} ${table.minor}`}>
                  <SeverityBadge severity={notification.severity} soft={false} />
                </td>
                <td className={`${table.tight} ${table.minor}`}>{notification.user_id ?? '–'}</td>
                <td className={classes.delivered}>
                  <ul className={classes.deliveries}>
                    {notification.deliveries.map((delivery) => (
                      <li key={delivery.id} title={delivery.detail ?? delivery.reason ?? undefined}>
                        <DeliveryStatus status={delivery.status} /> {capital(delivery.channel)} to {delivery.recipient}
                        {delivery.reason ? (
                          <span className="muted"> ({capital(delivery.reason).toLowerCase()})</span>
                        ) : null}
                      </li>
                    ))}
                  </ul>
                </td>
              </tr>
              {open ? (
                <tr>
                  <td colSpan={6}>
                    <DecisionTrace notificationId={notification.id} />
                  </td>
                </tr>
              ) : null}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}
