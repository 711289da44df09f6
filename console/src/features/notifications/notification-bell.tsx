import { ActionIcon, Button, Popover, Tooltip } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconBell, IconBellRinging } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useCurrentUser } from '../../app/current-user.tsx';
import { EmptyState, ErrorState } from '../../components/states.tsx';
import { useToast } from '../../components/toasts.tsx';
import classes from './notification-bell.module.css';
import { NotificationLine } from './notification-line.tsx';
import { MOST_UNREAD, useChangeItem, useMarkAllRead, useUnread } from './use-inbox.ts';

/** What came for the reader and was not read yet. */
export function NotificationBell() {
  const { userId } = useCurrentUser();
  const [opened, popover] = useDisclosure(false);
  const toast = useToast();
  const { query, connected } = useUnread(userId, (notification) =>
    toast({
      title: notification.subject || 'Notification',
      text: notification.message,
      tone: notification.severity,
    }),
  );
  const change = useChangeItem(userId);
  const markAll = useMarkAllRead(userId);
  const items = query.data?.items ?? [];
  const count = items.length >= MOST_UNREAD ? `${MOST_UNREAD}+` : String(items.length);
  const Icon = items.length > 0 ? IconBellRinging : IconBell;
  return (
    <Popover
      opened={opened}
      onChange={(open) => (open ? popover.open() : popover.close())}
      position="bottom-end"
      trapFocus
      shadow="lg"
    >
      <Popover.Target>
        <ActionIcon
          size="lg"
          className={classes.bell!}
          aria-label={items.length === 0 ? 'Notifications: none unread' : `Notifications: ${count} unread`}
          onClick={popover.toggle}
        >
          <Icon size={18} stroke={1.7} />
          {items.length > 0 ? (
            <span className={classes.count} aria-hidden="true">
              {count}
            </span>
          ) : null}
        </ActionIcon>
      </Popover.Target>
      <Popover.Dropdown className={classes.dropdown!} role="dialog" aria-label="Notifications">
        <div className={classes.head}>
          <strong>Notifications</strong>
          <Tooltip label={connected ? 'Connected: new ones appear at once' : 'Not connected: asking every 30 s'}>
            <span className={classes.live} data-connected={connected}>
              {connected ? 'Live' : 'Polling'}
            </span>
          </Tooltip>
          <span className={classes.spacer} />
          {items.length > 0 ? (
            <Button variant="subtle" size="compact-xs" loading={markAll.isPending} onClick={() => markAll.mutate()}>
              Mark all as read
            </Button>
          ) : null}
        </div>
        {query.error && items.length === 0 ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : null}
        {query.data && items.length === 0 ? (
          <EmptyState icon={IconBell} title="Nothing unread">
            Alerts and messages for <b>{userId}</b> appear here the moment they are sent.
          </EmptyState>
        ) : null}
        <ul className={classes.list}>
          {items.map((notification) => (
            <NotificationLine
              key={notification.id}
              notification={notification}
              onChange={(changed) => change.mutate({ id: notification.id, ...changed })}
              onFollow={popover.close}
            />
          ))}
        </ul>
        <div className={classes.tail}>
          <Link to="/notifications" onClick={popover.close}>
            Open inbox
          </Link>
          <Link to="/channels" onClick={popover.close}>
            Test it
          </Link>
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}
