import { ActionIcon, Checkbox, Menu, Tooltip } from '@mantine/core';
import { IconArchive, IconArchiveOff, IconBellZ, IconCheck, IconMail } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Notification } from '../../api-client/types.ts';
import { SeverityBadge } from '../../components/badges.tsx';
import { RelativeTime, Timestamp } from '../../components/times.tsx';
import classes from './notification-line.module.css';
import type { ItemChange } from './use-inbox.ts';

interface NotificationLineProps {
  notification: Notification;
  onChange: (change: ItemChange) => void;
  /** The reader left by a link of it. */
  onFollow?: () => void;
  /** Given, it can be chosen, archived and snoozed. */
  selection?: { selected: boolean; onSelect: (selected: boolean) => void };
}

/** One notification of an inbox. */
export function NotificationLine({ notification, onChange, onFollow, selection }: NotificationLineProps) {
  const { subject, message, severity, read_at, created_at, type, alert_id, snoozed_until } = notification;
  const name = subject || 'notification';
  const label = read_at ? 'Mark as unread' : 'Mark as read';
  return (
    <li className={classes.line} data-read={read_at !== null}>
      {selection ? (
        <Checkbox
          size="xs"
          mt={3}
          aria-label={`Choose: ${name}`}
          checked={selection.selected}
          onChange={(event) => selection.onSelect(event.currentTarget.checked)}
        />
      ) : null}
      <div className={classes.body}>
        <div className={classes.subject}>{subject || message}</div>
        {subject && message && message !== subject ? <div className={classes.message}>{message}</div> : null}
        <div className={classes.meta}>
          <SeverityBadge severity={severity} />
          <span>{type}</span>
          <RelativeTime time={created_at} />
          {snoozed_until ? (
            <span>
              snoozed until <Timestamp time={snoozed_until} />
            </span>
          ) : null}
          {alert_id ? (
            <Link to="/alerts/$alertId" params={{ alertId: alert_id }} onClick={onFollow}>
              Open alert
            </Link>
          ) : null}
        </div>
      </div>
      {selection ? <PutAside notification={notification} name={name} onChange={onChange} /> : null}
      <Tooltip label={label}>
        <ActionIcon size="md" aria-label={`${label}: ${name}`} onClick={() => onChange({ read: read_at === null })}>
          {read_at ? <IconMail size={15} stroke={1.7} /> : <IconCheck size={15} stroke={1.7} />}
        </ActionIcon>
      </Tooltip>
    </li>
  );
}

const HOUR_MS = 3_600_000;
const SNOOZES = [
  { label: 'For 1 hour', hours: 1 },
  { label: 'For 4 hours', hours: 4 },
  { label: 'For a day', hours: 24 },
  { label: 'For a week', hours: 168 },
];

function PutAside({
  notification: { archived_at, snoozed_until },
  name,
  onChange,
}: Pick<NotificationLineProps, 'notification' | 'onChange'> & { name: string }) {
  const label = archived_at ? 'Back to the inbox' : 'Archive';
  const later = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon size="md" aria-label={`Snooze: ${name}`}>
            <IconBellZ size={15} stroke={1.7} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {snoozed_until ? (
            <Menu.Item onClick={() => onChange({ snoozed_until: null })}>Bring back now</Menu.Item>
          ) : null}
          {SNOOZES.map(({ label: text, hours }) => (
            <Menu.Item key={text} onClick={() => onChange({ snoozed_until: later(hours) })}>
              {text}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Tooltip label={label}>
        <ActionIcon
          size="md"
          aria-label={`${label}: ${name}`}
          onClick={() => onChange({ archived: archived_at === null })}
        >
          {archived_at ? <IconArchiveOff size={15} stroke={1.7} /> : <IconArchive size={15} stroke={1.7} />}
        </ActionIcon>
      </Tooltip>
    </>
  );
}
