import { Button, Textarea } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCheck,
  IconGitMerge,
  IconMessage,
  IconRocket,
  IconSend,
  IconStairsUp,
  IconUser,
  IconZzz,
  type TablerIcon,
} from '@tabler/icons-react';
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
const KINDS: Record<string, TablerIcon> = {
  commented: IconMessage,
  acknowledged: IconCheck,
  resolved: IconCheck,
  snoozed: IconZzz,
  merged: IconGitMerge,
  note: IconMessage,
  escalated: IconStairsUp,
  escalation_fallback: IconStairsUp,
  escalation_skipped: IconStairsUp,
  escalation_postponed: IconStairsUp,
  escalation_exhausted: IconStairsUp,
  escalation_restarted: IconStairsUp,
};

/** What stands out among the many lines. */
function toneOf({ source, kind }: Entry): 'bad' | 'good' | 'person' | 'change' | undefined {
  if (['fired', 'severity_raised', 'escalation_exhausted', 'escalation_fallback', 'failed', 'dead'].includes(kind))
    return 'bad';
  if (kind === 'resolved') return 'good';
  if (['acknowledged', 'commented', 'assigned', 'snoozed', 'note'].includes(kind)) return 'person';
  return source === 'event' ? 'change' : undefined;
}

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
      <IncidentNote incident={incident} />
      {query.error && !items ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {!items && !query.error ? <LoadingRows rows={5} /> : null}
      <ol className={classes.timeline}>
        {(items ?? []).map((entry) => {
          const Icon = KINDS[entry.kind] ?? ICONS[entry.source];
          return (
            <li key={`${entry.source} ${entry.id}`} data-tone={toneOf(entry)}>
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

/** Writes down what somebody found or did. */
export function IncidentNote({ incident }: { incident: Pick<Incident, 'id' | 'title'> }) {
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
