import { Button } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import type { Page, Subscription } from '../../../api-client/types.ts';
import { useLiveQuery } from '../../../api-client/use-live-query.ts';
import { SeverityBadge } from '../../../components/badges.tsx';
import { nameOfChannel } from '../../../components/channel-names.ts';
import { Panel } from '../../../components/panel.tsx';
import { RemoveButton } from '../../../components/remove-button.tsx';
import { EmptyState, Loaded } from '../../../components/states.tsx';
import table from '../../../components/table.module.css';
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
                    <RemoveButton
                      path={`api/subscriptions/${one.id}`}
                      label={`End the subscription of ${one.recipient}`}
                      word="End"
                    />
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
