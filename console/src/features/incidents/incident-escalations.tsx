import { Link } from '@tanstack/react-router';
import type { EscalationList, Incident } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Badge, capital, type Tone } from '../../components/badges.tsx';
import { Panel } from '../../components/panel.tsx';
import { RelativeTime } from '../../components/times.tsx';
import classes from './incident.module.css';

type Escalation = EscalationList['items'][number];

const TONES: Record<Escalation['state'], Tone> = { waiting: 'warning', acknowledged: 'ok', exhausted: 'critical' };

/** Who is told next of an incident that nobody has in hand. */
export function IncidentEscalations({ incident }: { incident: Incident }) {
  const { data } = useLiveQuery<EscalationList>('api/escalations', { incident_id: incident.id, limit: 20 });
  if (!data || data.items.length === 0) return null;
  return (
    <Panel title="Escalation">
      <ul className={classes.escalations}>
        {data.items.map((one) => (
          <li key={one.thread_id}>
            <Badge tone={TONES[one.state]}>{capital(one.state)}</Badge>
            <Link to="/escalation" className={classes.link!}>
              {one.policy_name}
            </Link>
            <span className="muted">{describe(one)}</span>
            {one.next_at ? (
              <span className="muted">
                goes on <RelativeTime time={one.next_at} />
              </span>
            ) : null}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function describe({ last_step: last, steps, round, held_by: held }: Escalation): string {
  if (held) return `held by ${held}`;
  const place = last === null ? 'no step yet' : `step ${last} of ${steps} was told`;
  return round > 1 ? `${place}, round ${round}` : place;
}
