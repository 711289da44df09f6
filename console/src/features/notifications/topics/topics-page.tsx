import { Button } from '@mantine/core';
import { IconHash, IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import type { Page as List, Topic } from '../../../api-client/types.ts';
import { useLiveQuery } from '../../../api-client/use-live-query.ts';
import { useSearchState } from '../../../app/search-state.ts';
import { EXAMPLES } from '../../../components/example-commands.ts';
import { Page } from '../../../components/page.tsx';
import { Panel } from '../../../components/panel.tsx';
import { RemoveButton } from '../../../components/remove-button.tsx';
import { EmptyState, Loaded } from '../../../components/states.tsx';
import table from '../../../components/table.module.css';
import { NotificationTabs } from '../notification-tabs.tsx';
import { EventTable } from './event-table.tsx';
import { SubscriptionForm } from './subscription-form.tsx';
import { SubscriptionTable } from './subscription-table.tsx';
import { TopicForm } from './topic-form.tsx';

const TOPICS = 'api/topics';

/** What people can subscribe to, and who has. */
export function TopicsPage() {
  const [{ topic }, change] = useSearchState<{ topic?: string | undefined }>();
  const [adding, setAdding] = useState<'topic' | 'subscription'>();
  const query = useLiveQuery<List<Topic>>(TOPICS);
  const close = () => setAdding(undefined);
  const icon = <IconPlus size={14} aria-hidden="true" />;
  return (
    <Page
      title="Topics"
      note="events of the platform, and who hears of them"
      actions={
        <>
          <Button leftSection={icon} variant="default" onClick={() => setAdding('topic')}>
            New topic
          </Button>
          <Button leftSection={icon} onClick={() => setAdding('subscription')}>
            Subscribe
          </Button>
        </>
      }
    >
      <NotificationTabs />
      {adding === 'topic' ? <TopicForm onDone={close} /> : null}
      {adding === 'subscription' ? (
        <SubscriptionForm topics={query.data?.items.map(({ id }) => id) ?? []} topic={topic} onDone={close} />
      ) : null}
      <Panel title="Topics" flush>
        <Loaded
          query={query}
          rows={3}
          isEmpty={({ items }) => items.length === 0}
          empty={
            <EmptyState icon={IconHash} title="No topics yet" snippet={EXAMPLES.event()}>
              A topic gathers types of events, such as <code>com.example.deploy.*</code>. A service tells of one with{' '}
              <code>POST /api/events</code> (CloudEvents), and everybody who has subscribed hears of it.
            </EmptyState>
          }
        >
          {({ items }) => <TopicTable topics={items} chosen={topic} onChoose={(id) => change({ topic: id })} />}
        </Loaded>
      </Panel>
      <SubscriptionTable topic={topic} onAll={() => change({ topic: undefined })} />
      <EventTable />
    </Page>
  );
}

interface TopicTableProps {
  topics: readonly Topic[];
  chosen: string | undefined;
  onChoose: (id: string) => void;
}

function TopicTable({ topics, chosen, onChoose }: TopicTableProps) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">Topic</th>
          <th scope="col">Types of events</th>
          <th scope="col" className={table.number}>
            Subscriptions
          </th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {topics.map((topic) => (
          <tr key={topic.id}>
            <th scope="row">
              <button
                type="button"
                className={table.choose}
                aria-pressed={topic.id === chosen}
                onClick={() => onChoose(topic.id)}
              >
                {topic.name}
              </button>
              <div className={table.detail}>{topic.description || topic.id}</div>
            </th>
            <td className="mono">{topic.event_types.join(', ') || '–'}</td>
            <td className={table.number}>{topic.subscriptions}</td>
            <td className={table.tight}>
              <RemoveButton
                path={`${TOPICS}/${encodeURIComponent(topic.id)}`}
                label={`Remove the topic ${topic.name}`}
                done={{ title: 'Topic removed', text: 'Its subscriptions went with it.' }}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
