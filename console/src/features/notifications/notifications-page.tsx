import { Button, SegmentedControl } from '@mantine/core';
import { IconInbox } from '@tabler/icons-react';
import type { Notification } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useCurrentUser } from '../../app/current-user.tsx';
import { useSearchState } from '../../app/search-state.ts';
import { Page } from '../../components/page.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import { NotificationLine } from './notification-line.tsx';
import { NotificationTabs } from './notification-tabs.tsx';
import classes from './notifications-page.module.css';
import { useMarkAllRead, useMarkRead } from './use-inbox.ts';

/** The inbox of the reader. */
export function NotificationsPage() {
  const [{ view }, change] = useSearchState<{ view?: string | undefined }>();
  const { userId } = useCurrentUser();
  const { query, items } = usePages<Notification>('api/notifications', {
    user_id: userId,
    unread: view === 'unread' ? true : undefined,
    limit: 50,
  });
  const markRead = useMarkRead(userId);
  const markAll = useMarkAllRead(userId);
  const unread = items?.some((item) => item.read_at === null) ?? false;
  return (
    <Page title="Notifications" note={`of ${userId}`}>
      <NotificationTabs />
      <div className={surface.bar}>
        <SegmentedControl
          aria-label="Which"
          value={view ?? ''}
          onChange={(value) => change({ view: value })}
          data={[
            { value: '', label: 'All' },
            { value: 'unread', label: 'Unread' },
          ]}
        />
        {unread ? (
          <Button variant="default" loading={markAll.isPending} onClick={() => markAll.mutate()}>
            Mark all as read
          </Button>
        ) : null}
      </div>
      <div className={surface.surface}>
        {query.error && !items ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
        {!items && !query.error ? <LoadingRows rows={8} /> : null}
        {items?.length === 0 ? (
          <EmptyState icon={IconInbox} title={view === 'unread' ? 'Nothing unread' : 'The inbox is empty'}>
            What alerts and other services send to <b>{userId}</b> is kept here. Another user’s inbox: choose the id at
            the top right.
          </EmptyState>
        ) : null}
        {items && items.length > 0 ? (
          <ul className={classes.list}>
            {items.map((notification) => (
              <NotificationLine
                key={notification.id}
                notification={notification}
                onRead={(read) => markRead.mutate({ id: notification.id, read })}
              />
            ))}
          </ul>
        ) : null}
        {query.hasNextPage ? (
          <div className={surface.more}>
            <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Load older notifications
            </Button>
          </div>
        ) : null}
      </div>
    </Page>
  );
}
