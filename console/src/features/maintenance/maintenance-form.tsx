import { Autocomplete, Switch, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { faultOf, post, put } from '../../api-client/http.ts';
import type { MaintenancePreview, MaintenanceWindow } from '../../api-client/types.ts';
import { useCurrentUser } from '../../app/current-user.tsx';
import { Panel } from '../../components/panel.tsx';
import { readRecurrence, writeRecurrence } from '../../components/recurrence.ts';
import { RepetitionField } from '../../components/repetition-field.tsx';
import { SaveForm } from '../../components/save-form.tsx';
import { TIME_ZONES } from '../../components/time-zones.ts';
import { useToast } from '../../components/toasts.tsx';
import { nextHour, timeZone } from '../../format/time.ts';
import { MatchersField } from '../silences/matchers-field.tsx';
import classes from './maintenance-form.module.css';
import { Occurrences } from './occurrences.tsx';

const PATH = 'api/maintenance-windows';
const PAUSE_MS = 300;

interface MaintenanceFormProps {
  /** Left out: a new one. */
  window: MaintenanceWindow | undefined;
  onDone: () => void;
}

/** Plans a window; shows while writing what it would silence now, and when it would come. */
export function MaintenanceForm({ window, onDone }: MaintenanceFormProps) {
  const [name, setName] = useState(window?.name ?? '');
  const [matchers, setMatchers] = useState(window?.matcher_text ?? '');
  const [start, setStart] = useState(window?.start.slice(0, 16) ?? nextHour());
  const [duration, setDuration] = useState(window?.duration ?? '1h');
  const [recurrence, setRecurrence] = useState(readRecurrence(window?.rrule ?? null));
  const [zone, setZone] = useState(window?.time_zone ?? timeZone);
  const [comment, setComment] = useState(window?.comment ?? '');
  const [enabled, setEnabled] = useState(window?.enabled ?? true);
  const { userId } = useCurrentUser();
  const client = useQueryClient();
  const toast = useToast();
  const times = { start, duration: duration.trim(), rrule: writeRecurrence(recurrence), time_zone: zone };
  const preview = usePreview(times);
  const save = useMutation({
    mutationFn: () => {
      const body = { name, matchers, ...times, comment, enabled };
      return window
        ? put<MaintenanceWindow>(`${PATH}/${window.id}`, body)
        : post<MaintenanceWindow>(PATH, { ...body, created_by: userId });
    },
    onSuccess: async (saved) => {
      toast({ title: 'Maintenance is planned', text: saved.name, tone: 'ok' });
      await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === PATH });
      onDone();
    },
  });
  const fault = (path: string) => faultOf(save.error, path) ?? faultOf(preview.error, path);
  return (
    <Panel title={window ? `Change ${window.name}` : 'New maintenance window'}>
      <div className={classes.columns}>
        <SaveForm save={save} className={classes.fields} submit={window ? 'Save' : 'Plan it'} onCancel={onDone}>
          <TextInput
            label="Name"
            placeholder="Nightly backup"
            required
            value={name}
            error={fault('name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <MatchersField value={matchers} onChange={setMatchers} error={save.error} />
          <div className={classes.row}>
            <TextInput
              label="Begins"
              type="datetime-local"
              required
              value={start}
              error={fault('start')}
              onChange={(event) => setStart(event.currentTarget.value)}
            />
            <TextInput
              label="Lasts"
              placeholder="2h"
              required
              value={duration}
              error={fault('duration')}
              onChange={(event) => setDuration(event.currentTarget.value)}
            />
            <Autocomplete
              size="xs"
              label="By the clocks of"
              data={TIME_ZONES}
              limit={30}
              value={zone}
              error={fault('time_zone')}
              onChange={setZone}
            />
          </div>
          <RepetitionField value={recurrence} onChange={setRecurrence} fault={fault('rrule')} />
          <Textarea
            label="Comment"
            autosize
            value={comment}
            error={fault('comment')}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
          <Switch label="In force" checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
        </SaveForm>
        <section className={classes.preview} aria-label="Next occurrences">
          <h3 className={classes.title}>Would be</h3>
          {preview.data && !preview.error ? (
            <Occurrences occurrences={preview.data.next_occurrences} zone={zone} />
          ) : (
            <p className="muted">Say when it begins, and how long it lasts.</p>
          )}
        </section>
      </div>
    </Panel>
  );
}

/** When it would come, once the writer pauses. */
function usePreview(times: { start: string; duration: string; rrule: string | null; time_zone: string }) {
  const [asked] = useDebouncedValue(JSON.stringify(times), PAUSE_MS);
  return useQuery({
    queryKey: [`${PATH}/preview`, asked],
    queryFn: () => post<MaintenancePreview>(`${PATH}/preview`, JSON.parse(asked)),
    enabled: times.start !== '' && times.duration !== '',
    placeholderData: keepPreviousData,
    retry: false,
  });
}
