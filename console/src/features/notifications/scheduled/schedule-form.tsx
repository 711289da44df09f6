import { Autocomplete, MultiSelect, Select, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { faultOf, post } from '../../../api-client/http.ts';
import type { NotificationSchedule } from '../../../api-client/types.ts';
import { useCurrentUser } from '../../../app/current-user.tsx';
import { capital } from '../../../components/badges.tsx';
import { CHANNEL_CHOICES } from '../../../components/channel-names.ts';
import form from '../../../components/form.module.css';
import { Panel } from '../../../components/panel.tsx';
import { readRecurrence, writeRecurrence } from '../../../components/recurrence.ts';
import { RepetitionField } from '../../../components/repetition-field.tsx';
import { SaveForm } from '../../../components/save-form.tsx';
import { TIME_ZONES } from '../../../components/time-zones.ts';
import { useToast } from '../../../components/toasts.tsx';
import { formatMoment, nextHour, timeZone } from '../../../format/time.ts';
import { SEVERITIES } from '../preferences/use-preferences.ts';
import { RECIPIENT_KINDS, type RecipientKind, SCHEDULES } from './schedules.ts';

/** Says what is to be told to whom, once or again and again. */
export function ScheduleForm({ onDone }: { onDone: () => void }) {
  const { userId } = useCurrentUser();
  const [name, setName] = useState('');
  const [kind, setKind] = useState<RecipientKind>('user_id');
  const [recipient, setRecipient] = useState(userId);
  const [channels, setChannels] = useState<string[]>([]);
  const [subject, setSubject] = useState('');
  const [message, setMessage] = useState('');
  const [type, setType] = useState('reminder');
  const [severity, setSeverity] = useState('info');
  const [start, setStart] = useState(() => nextHour());
  const [zone, setZone] = useState(timeZone);
  const [recurrence, setRecurrence] = useState(readRecurrence(null));
  const client = useQueryClient();
  const toast = useToast();
  const save = useMutation({
    mutationFn: () =>
      post<NotificationSchedule>(SCHEDULES, {
        name,
        start,
        time_zone: zone,
        rrule: writeRecurrence(recurrence),
        notification: {
          [kind]: recipient,
          ...{ subject, message, severity },
          ...(type.trim() !== '' && { type }),
          ...(channels.length > 0 && { channel: channels }),
        },
      }),
    onSuccess: async ({ name: saved, next_at }) => {
      toast({ title: 'Scheduled', text: next_at ? `${saved}: ${formatMoment(next_at)}` : saved, tone: 'ok' });
      await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === SCHEDULES });
      onDone();
    },
  });
  const fault = (path: string) => faultOf(save.error, path);
  return (
    <Panel title="New schedule" note="Preferences count as they are each time">
      <SaveForm save={save} submit="Schedule it" onCancel={onDone}>
        <TextInput
          label="Name"
          placeholder="Weekly report"
          required
          value={name}
          error={fault('name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <div className={form.row}>
          <Select
            label="To"
            data={RECIPIENT_KINDS}
            allowDeselect={false}
            value={kind}
            onChange={(value) => setKind((value ?? 'user_id') as RecipientKind)}
          />
          <TextInput
            label="Id"
            required
            value={recipient}
            error={fault(`notification.${kind}`)}
            onChange={(event) => setRecipient(event.currentTarget.value)}
          />
          <MultiSelect
            label="Channels"
            placeholder={channels.length === 0 ? 'As each user prefers' : ''}
            data={CHANNEL_CHOICES}
            value={channels}
            error={fault('notification.channel')}
            onChange={setChannels}
          />
        </div>
        <TextInput
          label="Subject"
          value={subject}
          error={fault('notification.subject')}
          onChange={(event) => setSubject(event.currentTarget.value)}
        />
        <Textarea
          label="Message"
          autosize
          minRows={2}
          value={message}
          error={fault('notification.message')}
          onChange={(event) => setMessage(event.currentTarget.value)}
        />
        <div className={form.row}>
          <TextInput
            label="Type"
            description="Preferences can name it"
            value={type}
            error={fault('notification.type')}
            onChange={(event) => setType(event.currentTarget.value)}
          />
          <Select
            label="Severity"
            description="How loud it is"
            data={SEVERITIES.map((value) => ({ value, label: capital(value) }))}
            allowDeselect={false}
            value={severity}
            onChange={(value) => setSeverity(value ?? 'info')}
          />
        </div>
        <div className={form.row}>
          <TextInput
            label="First on"
            type="datetime-local"
            required
            value={start}
            error={fault('start')}
            onChange={(event) => setStart(event.currentTarget.value)}
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
      </SaveForm>
    </Panel>
  );
}
