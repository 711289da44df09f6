import { Button } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import type { Episode, Incident } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Panel } from '../../components/panel.tsx';
import classes from '../incidents/incident.module.css';
import { AssignDialog } from '../incidents/incident-actions.tsx';
import { IncidentStatus } from '../incidents/incident-status.tsx';
import { IncidentNote } from '../incidents/incident-timeline.tsx';

const MOST = 3;

/** The incidents that what fires of the alert belongs to, and what one can do about them here. */
export function AlertIncidents({ episodes }: { episodes: readonly Episode[] }) {
  const open = episodes.filter(({ ended_at: endedAt }) => endedAt === null).map(({ incident_id: id }) => id);
  const ids = [...new Set(open.filter((id) => id !== null))];
  return ids.slice(0, MOST).map((id) => <AlertIncident key={id} id={id} />);
}

function AlertIncident({ id }: { id: string }) {
  const [assigning, assign] = useDisclosure(false);
  const { data: incident } = useLiveQuery<Incident>(`api/incidents/${id}`);
  if (!incident || incident.status === 'resolved') return null;
  const others = incident.firing_count - 1;
  return (
    <Panel
      title="Incident"
      note={incident.assignee ? `assigned to ${incident.assignee}` : 'assigned to nobody'}
      actions={
        <Button size="compact-sm" variant="default" onClick={assign.open}>
          Assign
        </Button>
      }
    >
      <div className={classes.heading}>
        <IncidentStatus incident={incident} />
        <Link to="/incidents/$incidentId" params={{ incidentId: id }} className={classes.link!}>
          {incident.title}
        </Link>
        <span className="muted">
          {others > 0
            ? `with ${others} other ${others === 1 ? 'alert' : 'alerts'} that fire`
            : 'this alert alone fires'}
        </span>
      </div>
      <IncidentNote incident={incident} />
      {assigning ? <AssignDialog incident={incident} onClose={assign.close} /> : null}
    </Panel>
  );
}
