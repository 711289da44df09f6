import { Button } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { remove } from '../../../api-client/http.ts';
import type { Page, Subscription } from '../../../api-client/types.ts';
import { useLiveQuery } from '../../../api-client/use-live-query.ts';
import { SeverityBadge } from '../../../components/badges.tsx';
import { nameOfChannel } from '../../../components/channel-names.ts';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, Loaded } from '../../../components/states.tsx';
import table from '../../../components/table.module.css';
import { useToast } from '../../../components/toasts.tsx';
import { describeFilters } from './filters.ts';

interface SubscriptionTableProps {
  /** Only of this one. */
  topic: string | undefined;
  onAll: () => void;
}

/** Who hears of what. */
export function SubscriptionTable({ topic, onAll }: SubscriptionTableProps) {
  const query = useLiveQuery<Page<Subscription>>('api/subscriptions', { topic });
  return (
    <Panel
      title={topic === undefined ? 'Subscriptions' : `Subscriptions of ${topic}`}
      flush
      actions={
        topic === undefined ? undefined : (
          <Button size="compact-xs" variant="default" onClick={onAll}>
            All subscriptions
          </Button>
        )
      }
    >
      <Loaded
        query={query}
        rows={3}
        isEmpty={({ items }) => items.length === 0}
        empty={<EmptyState icon={IconUserPlus} title="Nobody has subscribed" />}
      >
        {({ items }) => (
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">Who</th>
                <th scope="col">Of what</th>
                <th scope="col">Only where</th>
                <th scope="col" className={table.minor}>
                  From
                </th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <tr key={one.id}>
                  <th scope="row">
                    {one.recipient}
                    <div className={table.detail}>
                      {one.channel ? nameOfChannel(one.channel) : 'as the preferences say'}
                    </div>
                  </th>
                  <td className="mono">{one.topic ?? one.event_type}</td>
                  <td className="mono">{describeFilters(one.filters) || <span className="faint">always</span>}</td>
                  <td className={`${table.tight} ${table.minor}`}>
                    {one.min_severity ? <SeverityBadge severity={one.min_severity} soft={false} /> : 'any'}
                  </td>
                  <td className={table.tight}>
                    <RemoveSubscription subscription={one} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
    </Panel>
  );
}

function RemoveSubscription({ subscription }: { subscription: Subscription }) {
  const client = useQueryClient();
  const toast = useToast();
  const drop = useMutation({
    mutationFn: () => remove(`api/subscriptions/${subscription.id}`),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () => client.invalidateQueries(),
  });
  return (
    <Button
      size="compact-xs"
      variant="default"
      loading={drop.isPending}
      aria-label={`End the subscription of ${subscription.recipient}`}
      onClick={() => drop.mutate()}
    >
      End
    </Button>
  );
}
