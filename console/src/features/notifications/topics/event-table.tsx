import { IconBroadcast } from '@tabler/icons-react';
import type { EventList, Page, Subscription } from '../../../api-client/types.ts';
import { useLiveQuery } from '../../../api-client/use-live-query.ts';
import { Panel } from '../../../components/panel.tsx';
import { EmptyState, Loaded } from '../../../components/states.tsx';
import table from '../../../components/table.module.css';
import { RelativeTime } from '../../../components/times.tsx';

type Event = EventList['items'][number];

const REASONS = { paused: 'paused', min_severity: 'below its severity', filter: 'its filter' };

/** The newest events, and which subscriptions did not hear of them. */
export function EventTable() {
  const query = useLiveQuery<EventList>('api/events', { limit: 20 });
  const subscriptions = useLiveQuery<Page<Subscription>>('api/subscriptions');
  const names = new Map(subscriptions.data?.items.map(({ id, recipient }) => [id, recipient]));
  return (
    <Panel title="Newest events" flush>
      <Loaded
        query={query}
        rows={3}
        isEmpty={({ items }) => items.length === 0}
        empty={<EmptyState icon={IconBroadcast} title="No events yet" />}
      >
        {({ items }) => (
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">Event</th>
                <th scope="col" className={table.minor}>
                  From
                </th>
                <th scope="col">Passed over</th>
                <th scope="col">Came</th>
              </tr>
            </thead>
            <tbody>
              {items.map((event) => (
                <tr key={event.id}>
                  <th scope="row" className="mono">
                    {event.type}
                    {event.subject === null ? null : <div className={table.detail}>{event.subject}</div>}
                  </th>
                  <td className={`mono ${table.minor}`}>{event.source}</td>
                  <td>{describePassedOver(event, names) ?? <span className="faint">nobody</span>}</td>
                  <td className={`${table.tight} muted`}>
                    <RelativeTime time={event.received_at} />
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

/** `ann (paused), ops (its filter) and 3 more` */
function describePassedOver({ passed_over: passed }: Event, names: ReadonlyMap<string, string>): string | undefined {
  if (passed === null) return undefined;
  const shown = passed.subscriptions.map(
    ({ subscription_id, reason }) => `${names.get(subscription_id) ?? 'one that is gone'} (${REASONS[reason]})`,
  );
  const rest = passed.count - shown.length;
  return `${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
