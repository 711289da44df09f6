import { ActionIcon, Tooltip } from '@mantine/core';
import { IconCheck, IconMail } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Notification } from '../../api-client/types.ts';
import { SeverityBadge } from '../../components/badges.tsx';
import { RelativeTime } from '../../components/times.tsx';
import classes from './notification-line.module.css';

interface NotificationLineProps {
  notification: Notification;
  onRead: (read: boolean) => void;
  /** The reader left by a link of it. */
  onFollow?: () => void;
}

/** One notification of an inbox. */
export function NotificationLine({ notification, onRead, onFollow }: NotificationLineProps) {
  const { subject, message, severity, read_at, created_at, type, alert_id } = notification;
  const label = read_at ? 'Mark as unread' : 'Mark as read';
  return (
    <li className={classes.line} data-read={read_at !== null}>
      <div className={classes.body}>
        <div className={classes.subject}>{subject || message}</div>
        {subject && message && message !== subject ? <div className={classes.message}>{message}</div> : null}
        <div className={classes.meta}>
          <SeverityBadge severity={severity} />
          <span>{type}</span>
          <RelativeTime time={created_at} />
          {alert_id ? (
            <Link to="/alerts/$alertId" params={{ alertId: alert_id }} onClick={onFollow}>
              Open alert
            </Link>
          ) : null}
        </div>
      </div>
      <Tooltip label={label}>
        <ActionIcon
          size="md"
          aria-label={`${label}: ${subject || 'notification'}`}
          onClick={() => onRead(read_at === null)}
        >
          {read_at ? <IconMail size={15} stroke={1.7} /> : <IconCheck size={15} stroke={1.7} />}
        </ActionIcon>
      </Tooltip>
    </li>
  );
}
