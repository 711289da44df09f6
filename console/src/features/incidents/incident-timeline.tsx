import { Button, Textarea } from '@mantine/core';
import { IconAlertTriangle, IconMessage, IconRocket, IconSend, IconUser, type TablerIcon } from '@tabler/icons-react';
import { useState } from 'react';
import type { Incident, IncidentTimeline as Timeline } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { Panel } from '../../components/panel.tsx';
import { ErrorState, LoadingRows } from '../../components/states.tsx';
import { RelativeTime } from '../../components/times.tsx';
import classes from './incident.module.css';
import { useIncidentActions } from './use-incident-actions.ts';

type Entry = Timeline['items'][number];

const ICONS: Record<Entry['source'], TablerIcon> = {
  alert: IconAlertTriangle,
  delivery: IconSend,
  event: IconRocket,
  incident: IconUser,
};
const SOURCES: Record<Entry['source'], string> = {
  alert: 'Alert',
  delivery: 'Notification',
  event: 'Event',
  incident: 'Incident',
};

/** What happened, newest first, and a place to write down what one found. */
export function IncidentTimeline({ incident }: { incident: Incident }) {
  const { query, items } = usePages<Entry, Timeline>(`api/incidents/${incident.id}/timeline`, { limit: 100 });
  return (
    <Panel title="Timeline">
      <Note incident={incident} />
      {query.error && !items ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {!items && !query.error ? <LoadingRows rows={5} /> : null}
      <ol className={classes.timeline}>
        {(items ?? []).map((entry) => {
          const Icon = entry.kind === 'commented' ? IconMessage : ICONS[entry.source];
          return (
            <li key={`${entry.source} ${entry.id}`} data-kind={entry.kind}>
              <Icon size={14} aria-label={SOURCES[entry.source]} />
              <span className={classes.what}>{entry.text}</span>
              <span className="muted">
                <RelativeTime time={entry.at} />
              </span>
            </li>
          );
        })}
      </ol>
      {query.hasNextPage ? (
        <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          Load what was before
        </Button>
      ) : null}
    </Panel>
  );
}

function Note({ incident }: { incident: Incident }) {
  const act = useIncidentActions(incident);
  const [note, setNote] = useState('');
  const add = () => act.mutate({ action: 'comment', note: note.trim() }, { onSuccess: () => setNote('') });
  return (
    <form
      className={classes.note}
      onSubmit={(event) => {
        event.preventDefault();
        if (note.trim() !== '') add();
      }}
    >
      <Textarea
        aria-label="Note"
        placeholder="What did you find, what did you do?"
        autosize
        minRows={1}
        maxRows={8}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
      />
      <Button type="submit" variant="default" disabled={note.trim() === ''} loading={act.isPending}>
        Add note
      </Button>
    </form>
  );
}
