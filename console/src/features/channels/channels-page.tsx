import { Button } from '@mantine/core';
import { IconPlus, IconSend } from '@tabler/icons-react';
import type { ChannelList } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Badge } from '../../components/badges.tsx';
import { Page } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import { BellPanel } from '../notifications/bell-panel.tsx';
import { ChannelForm } from './channel-form.tsx';
import { ChannelTable } from './channel-table.tsx';
import { CHANNELS } from './channel-types.ts';
import { DeadLetters } from './dead-letters.tsx';

const NEW = 'new';

/** What notifications leave by: how the endpoints do, a test of each, and what did not get through. */
export function ChannelsPage() {
  const [{ id }, change] = useSearchState<{ id?: string | undefined }>();
  const query = useLiveQuery<ChannelList>(CHANNELS);
  const chosen = query.data?.items.find((channel) => channel.id === id && channel.origin === 'api');
  const resting = query.data?.items.filter(({ breaker }) => breaker.state !== 'closed').length ?? 0;
  const close = () => change({ id: undefined });
  const add = (
    <Button leftSection={<IconPlus size={14} aria-hidden="true" />} onClick={() => change({ id: NEW })}>
      New channel
    </Button>
  );
  return (
    <Page
      title="Channels"
      note={resting > 0 ? <Badge tone="error">{`${resting} resting`}</Badge> : 'what notifications leave by'}
      actions={id === NEW || chosen ? undefined : add}
    >
      {query.data && (id === NEW || chosen) ? (
        <ChannelForm key={id} channel={chosen} kinds={query.data.kinds} onClose={close} />
      ) : null}
      <div className={surface.surface}>
        <Loaded
          query={query}
          rows={4}
          isEmpty={({ items }) => items.length === 0}
          empty={
            <EmptyState icon={IconSend} title="No channels">
              Notifications go to the inbox alone. Set up mail, Slack, Teams, SMS, a webhook and others here.
            </EmptyState>
          }
        >
          {({ items }) => <ChannelTable channels={items} onEdit={(channel) => change({ id: channel.id })} />}
        </Loaded>
      </div>
      <BellPanel />
      <DeadLetters />
    </Page>
  );
}
