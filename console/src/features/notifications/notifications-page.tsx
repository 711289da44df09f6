import { Button, SegmentedControl } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import { useState } from 'react';
import type { Notification } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useCurrentUser } from '../../app/current-user.tsx';
import { useSearchState } from '../../app/search-state.ts';
import { EXAMPLES } from '../../components/example-commands.ts';
import { Page } from '../../components/page.tsx';
import { PagedList } from '../../components/paged-list.tsx';
import { EmptyState } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import { NotificationLine } from './notification-line.tsx';
import { NotificationTabs } from './notification-tabs.tsx';
import classes from './notifications-page.module.css';
import { type BulkAction, useChangeItem, useChangeItems, useMarkAllRead } from './use-inbox.ts';

/** What each view of the inbox shows. */
const VIEWS = {
  inbox: { archived: false, snoozed: false },
  unread: { archived: false, snoozed: false, unread: true },
  snoozed: { snoozed: true },
  archived: { archived: true, snoozed: false },
} as const;
const EMPTY = {
  inbox: 'The inbox is empty',
  unread: 'Nothing unread',
  snoozed: 'Nothing is snoozed',
  archived: 'Nothing is archived',
} as const;
const CHOICES = [
  { value: 'inbox', label: 'All' },
  { value: 'unread', label: 'Unread' },
  { value: 'snoozed', label: 'Snoozed' },
  { value: 'archived', label: 'Archived' },
];

/** The inbox of the reader. */
export function NotificationsPage() {
  const [search, changeSearch] = useSearchState<{ view?: string | undefined }>();
  const view = search.view !== undefined && search.view in VIEWS ? (search.view as keyof typeof VIEWS) : 'inbox';
  const { userId } = useCurrentUser();
  const pages = usePages<Notification>('api/notifications', {
    user_id: userId,
    ...VIEWS[view],
    limit: 50,
  });
  const { items } = pages;
  const change = useChangeItem(userId);
  const changeMany = useChangeItems(userId);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const chosenHere = items?.filter(({ id }) => chosen.has(id)).map(({ id }) => id) ?? [];
  const doToChosen = (action: BulkAction) =>
    changeMany.mutate({ ids: chosenHere, action }, { onSuccess: () => setChosen(new Set()) });
  const markAll = useMarkAllRead(userId);
  const unread = items?.some((item) => item.read_at === null) ?? false;
  return (
    <Page title="Notifications" note={`of ${userId}`}>
      <NotificationTabs />
      <div className={surface.bar}>
        <SegmentedControl
          aria-label="Which"
          value={view}
          onChange={(value) => {
            setChosen(new Set());
            changeSearch({ view: value === 'inbox' ? undefined : value });
          }}
          data={CHOICES}
        />
        {unread ? (
          <Button variant="default" loading={markAll.isPending} onClick={() => markAll.mutate()}>
            Mark all as read
          </Button>
        ) : null}
        {chosenHere.length > 0 ? (
          <fieldset className={classes.chosen} aria-label="Chosen">
            <span role="status">{chosenHere.length} chosen</span>
            <Button variant="default" onClick={() => doToChosen('read')}>
              Mark as read
            </Button>
            <Button variant="default" onClick={() => doToChosen(view === 'archived' ? 'unarchive' : 'archive')}>
              {view === 'archived' ? 'Back to the inbox' : 'Archive'}
            </Button>
            <Button variant="default" onClick={() => doToChosen('delete')}>
              Delete
            </Button>
          </fieldset>
        ) : null}
      </div>
      <PagedList
        pages={pages}
        rows={8}
        more="Load older notifications"
        empty={
          <EmptyState
            icon={IconInbox}
            title={EMPTY[view]}
            {...(view === 'inbox' ? { snippet: EXAMPLES.notification(userId) } : {})}
          >
            What alerts and other services send to <b>{userId}</b> is kept here. Another user’s inbox: choose the id at
            the top right.
          </EmptyState>
        }
      >
        {(items) => (
          <ul className={classes.list}>
            {items.map((notification) => (
              <NotificationLine
                key={notification.id}
                notification={notification}
                onChange={(changed) => change.mutate({ id: notification.id, ...changed })}
                selection={{
                  selected: chosen.has(notification.id),
                  onSelect: (selected) => setChosen((before) => withChoice(before, notification.id, selected)),
                }}
              />
            ))}
          </ul>
        )}
      </PagedList>
    </Page>
  );
}

function withChoice(chosen: ReadonlySet<string>, id: string, selected: boolean): ReadonlySet<string> {
  const next = new Set(chosen);
  if (selected) next.add(id);
  else next.delete(id);
  return next;
}
