import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type FormEvent, useState } from 'react';
import { post, remove } from '../../api-client/http.ts';
import type { Annotation } from '../../api-client/types.ts';
import { useAnnotations } from '../../api-client/use-annotations.ts';
import { capital } from '../../components/badges.tsx';
import { Panel } from '../../components/panel.tsx';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { useToast } from '../../components/toasts.tsx';
import { useTimeRange } from '../../time/use-time-range.ts';
import classes from './annotations-panel.module.css';

const MOST = 20;

/** What happened to a service in the range, as its charts mark it, and a place to write down what one knows. */
export function AnnotationsPanel({ service }: { service: string }) {
  const [range] = useTimeRange();
  const annotations = useAnnotations(range, service);
  const client = useQueryClient();
  const toast = useToast();
  const renew = () => client.invalidateQueries({ queryKey: ['api/annotations'] });
  const drop = useMutation({
    mutationFn: (id: string) => remove(`api/annotations/${id}`),
    onSuccess: renew,
    onError: (error) => toast({ title: 'Not deleted', text: error.message, tone: 'error' }),
  });
  return (
    <Panel
      title="What happened"
      note={annotations.length === 0 ? 'no deploys, events, notes or alerts in this time range' : undefined}
    >
      <NoteForm service={service} onSaved={renew} />
      {annotations.length === 0 ? null : (
        <table className={table.table}>
          <thead className="visually-hidden">
            <tr>
              <th scope="col">What</th>
              <th scope="col">Kind</th>
              <th scope="col">When</th>
              <th scope="col">Delete</th>
            </tr>
          </thead>
          <tbody>
            {annotations.slice(0, MOST).map((one) => (
              <tr key={one.id}>
                <th scope="row" className={table.wide}>
                  <Title annotation={one} />
                </th>
                <td className={`${table.tight} muted`}>{capital(one.kind)}</td>
                <td className={`${table.tight} muted`}>
                  <RelativeTime time={one.time} />
                </td>
                <td className={table.tight}>
                  {one.kind === 'note' ? (
                    <ActionIcon size="xs" aria-label={`Delete: ${one.title}`} onClick={() => drop.mutate(one.id)}>
                      <IconTrash size={13} />
                    </ActionIcon>
                  ) : null}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Title({ annotation }: { annotation: Annotation }) {
  const { title, url, alert_id } = annotation;
  if (alert_id !== null) {
    return (
      <Link to="/alerts/$alertId" params={{ alertId: alert_id }}>
        {title}
      </Link>
    );
  }
  if (url === null) return <div className="truncate">{title}</div>;
  return (
    <a href={url} target="_blank" rel="noreferrer">
      {title}
    </a>
  );
}

function NoteForm({ service, onSaved }: { service: string; onSaved: () => Promise<void> }) {
  const [title, setTitle] = useState('');
  const save = useMutation({
    mutationFn: () => post<Annotation>('api/annotations', { kind: 'note', service, title }),
    onSuccess: async () => {
      setTitle('');
      await onSaved();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (title.trim() !== '') save.mutate();
  };
  return (
    <form className={classes.form} onSubmit={submit}>
      <TextInput
        aria-label="Note"
        placeholder="Write down what happened now"
        size="xs"
        maxLength={300}
        value={title}
        error={save.error?.message}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <Button type="submit" size="xs" variant="default" loading={save.isPending}>
        Add note
      </Button>
    </form>
  );
}
