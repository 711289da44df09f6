import {
  IconAlertTriangle,
  IconCalendarUser,
  IconFlame,
  IconTopologyStar3,
  type TablerIcon,
} from '@tabler/icons-react';
import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Alert, IncidentList, OnCallOverview, Page } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { useServices } from '../services/use-services.ts';
import classes from './status-strip.module.css';

/** What needs somebody now, and who that is. */
export function StatusStrip() {
  const incidents = useLiveQuery<IncidentList>('api/incidents', { limit: 1 });
  const alerts = useLiveQuery<Page<Alert>>('api/alerts', { limit: 200 });
  const services = useServices();
  const duty = useLiveQuery<OnCallOverview>('api/on-call');
  const counts = incidents.data?.counts;
  const firing = alerts.data?.items.filter(({ state }) => state === 'firing' || state === 'recovering');
  const critical = firing?.filter(({ severity }) => severity === 'critical').length ?? 0;
  const all = services.data?.items;
  const troubled = all?.filter(({ status }) => status === 'unhealthy' || status === 'degraded');
  const people = [...new Set(duty.data?.items.flatMap(({ on_call: shift }) => (shift ? [shift.user_id] : [])))];
  return (
    <nav className={classes.strip} aria-label="State">
      <Tile
        to="/incidents"
        icon={IconFlame}
        label={counts?.open === 1 ? 'open incident' : 'open incidents'}
        value={counts?.open}
        note={counts && counts.acknowledged > 0 ? `${counts.acknowledged} acknowledged` : undefined}
        tone={counts && counts.open > 0 ? 'critical' : 'ok'}
      />
      <Tile
        to="/alerts"
        icon={IconAlertTriangle}
        label={firing?.length === 1 ? 'alert fires' : 'alerts fire'}
        value={firing?.length}
        note={critical > 0 ? `${critical} critical` : undefined}
        tone={critical > 0 ? 'critical' : firing && firing.length > 0 ? 'warning' : 'ok'}
      />
      <Tile
        to="/services"
        icon={IconTopologyStar3}
        label={troubled?.length === 1 ? 'service in trouble' : 'services in trouble'}
        value={troubled?.length}
        note={all ? `of ${all.length}` : undefined}
        tone={troubled && troubled.length > 0 ? 'warning' : 'ok'}
      />
      <Tile
        to="/on-call"
        icon={IconCalendarUser}
        label="on call"
        value={duty.data ? people.slice(0, 2).join(', ') || 'Nobody' : undefined}
        note={people.length > 2 ? `and ${people.length - 2} more` : undefined}
        tone="plain"
      />
    </nav>
  );
}

interface TileProps {
  to: NonNullable<LinkProps['to']>;
  icon: TablerIcon;
  /** Undefined while it is fetched. */
  value: ReactNode;
  label: string;
  note: string | undefined;
  tone: 'ok' | 'warning' | 'critical' | 'plain';
}

function Tile({ to, icon: Icon, value, label, note, tone }: TileProps) {
  return (
    <Link to={to} className={classes.tile!} data-tone={tone}>
      <Icon size={20} stroke={1.7} aria-hidden="true" />
      <span className={classes.text}>
        <b>{value ?? '…'}</b> {label}
      </span>
      {note ? <small>{note}</small> : null}
    </Link>
  );
}
