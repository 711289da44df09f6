import { Button } from '@mantine/core';
import { IconHourglassEmpty } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { post } from '../../../api-client/http.ts';
import type { Notification, Page } from '../../../api-client/types.ts';
import { useLiveQuery } from '../../../api-client/use-live-query.ts';
import { capital, SeverityBadge } from '../../../components/badges.tsx';
import { nameOfChannel } from '../../../components/channel-names.ts';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, Loaded } from '../../../components/states.tsx';
import table from '../../../components/table.module.css';
import { Moment } from '../../../components/times.tsx';
import { useToast } from '../../../components/toasts.tsx';

/** Deliveries that wait for their time: sent later, quiet hours, digests. */
export function WaitingTable() {
  const query = useLiveQuery<Page<Notification>>('api/notifications', { status: 'scheduled', limit: 100 });
  return (
    <Panel title="Waiting now" note="asked anew when their time has come" flush>
      <Loaded
        query={query}
        rows={3}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <EmptyState icon={IconHourglassEmpty} title="Nothing waits">
            What is sent later, held by quiet hours, or gathered for a digest stands here until it goes out.
          </EmptyState>
        }
      >
        {({ items }) => (
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">Until</th>
                <th scope="col">Notification</th>
                <th scope="col" className={table.minor}>
                  Severity
                </th>
                <th scope="col">To</th>
                <th scope="col">Waits for</th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.flatMap((notification) =>
                notification.deliveries
                  .filter(({ status }) => status === 'scheduled')
                  .map((delivery) => (
                    <tr key={delivery.id}>
                      <td className={table.tight}>
                        {delivery.scheduled_until ? <Moment time={delivery.scheduled_until} /> : '–'}
                      </td>
                      <th scope="row" className={table.wide}>
                        {notification.subject || notification.message}
                        <div className={table.detail}>{notification.type}</div>
                      </th>
                      <td className={`${table.tight} ${table.minor}`}>
                        <SeverityBadge severity={notification.severity} soft={false} />
                      </td>
                      <td className={table.tight}>
                        {delivery.recipient}
                        <div className={table.detail}>{nameOfChannel(delivery.channel)}</div>
                      </td>
                      <td className={`${table.tight} muted`}>{capital(delivery.reason ?? 'its time')}</td>
                      <td className={table.tight}>
                        <CancelButton notification={notification} />
                      </td>
                    </tr>
                  )),
              )}
            </tbody>
          </table>
        )}
      </Loaded>
    </Panel>
  );
}

/** Keeps everything of the notification back that has not left. */
function CancelButton({ notification }: { notification: Notification }) {
  const client = useQueryClient();
  const toast = useToast();
  const subject = notification.subject || notification.message;
  const cancel = useMutation({
    mutationFn: () => post<unknown>(`api/notifications/${encodeURIComponent(notification.id)}/cancel`, undefined),
    onSuccess: () => toast({ title: 'Canceled', text: subject, tone: 'ok' }),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'api/notifications' }),
  });
  return (
    <Button
      size="compact-xs"
      variant="default"
      loading={cancel.isPending}
      aria-label={`Cancel: ${subject}`}
      onClick={() => cancel.mutate()}
    >
      Cancel
    </Button>
  );
}
