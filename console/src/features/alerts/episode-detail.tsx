import { Link } from '@tanstack/react-router';
import type { Episode } from '../../api-client/types.ts';
import { showValue } from '../../components/attribute-table.tsx';
import { capital } from '../../components/badges.tsx';
import { DeliveryStatus } from '../../components/delivery-status.tsx';
import { Timestamp } from '../../components/times.tsx';
import classes from './episode-detail.module.css';

/** The course of an episode and whom it reached. */
export function EpisodeDetail({ episode }: { episode: Episode }) {
  return (
    <div className={classes.detail}>
      <section aria-label="Course">
        <div className={classes.title}>Course</div>
        <ol className={classes.course}>
          {episode.timeline.map((event) => (
            <li key={`${event.at} ${event.kind}`}>
              <Timestamp time={event.at} /> <b>{capital(event.kind)}</b>
              {event.by ? <span> by {event.by}</span> : null}{' '}
              <span className="muted">{describeDetail(event.detail)}</span>
            </li>
          ))}
        </ol>
        {episode.incident_id ? (
          <p>
            Part of{' '}
            <Link to="/incidents/$incidentId" params={{ incidentId: episode.incident_id }} className={classes.link!}>
              its incident
            </Link>
          </p>
        ) : null}
        {episode.resolve_reason ? <p className="muted">Ended: {capital(episode.resolve_reason)}</p> : null}
      </section>
      <section aria-label="Notifications">
        <div className={classes.title}>Notifications</div>
        {episode.notifications.length === 0 ? <p className="muted">Nobody was notified.</p> : null}
        <ul className={classes.course}>
          {episode.notifications.map((notification) => (
            <li key={`${notification.id} ${notification.channel} ${notification.recipient}`}>
              <DeliveryStatus status={notification.status} /> {capital(notification.channel)} to{' '}
              {notification.recipient}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

function describeDetail(detail: Record<string, unknown>): string {
  return Object.entries(detail)
    .filter(([, value]) => value !== null && value !== '')
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${showValue(value)}`)
    .join(', ');
}
