import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, faultOf, post } from '../../api-client/http.ts';
import type { OnCallSchedule } from '../../api-client/types.ts';
import form from '../../components/form.module.css';
import { useToast } from '../../components/toasts.tsx';
import { toLocalInput } from '../../format/time.ts';
import classes from './on-call-page.module.css';
import { useOnCallRefresh } from './use-on-call-refresh.ts';

const DAY_MS = 86_400_000;

/** Somebody stands in for a time. */
export function OverrideForm({ schedule, onDone }: { schedule: OnCallSchedule; onDone: () => void }) {
  const [userId, setUserId] = useState('');
  const [start, setStart] = useState(() => toLocalInput(Date.now()));
  const [end, setEnd] = useState(() => toLocalInput(Date.now() + DAY_MS));
  const toast = useToast();
  const refresh = useOnCallRefresh();
  const create = useMutation({
    mutationFn: () =>
      post(`api/on-call/schedules/${schedule.id}/overrides`, {
        user_id: userId,
        starts_at: instant(start),
        ends_at: instant(end),
      }),
    onSuccess: () => {
      toast({ title: 'Override made', text: `${userId} stands in`, tone: 'ok' });
      onDone();
    },
    onSettled: refresh,
  });
  const isOther = create.error instanceof ApiError && create.error.fields.length === 0;
  return (
    <form
      className={classes.override}
      noValidate
      aria-label={`Override of ${schedule.name}`}
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate();
      }}
    >
      <TextInput
        label="Who stands in"
        required
        value={userId}
        error={faultOf(create.error, 'user_id')}
        onChange={(event) => setUserId(event.currentTarget.value)}
      />
      <TextInput
        label="From"
        type="datetime-local"
        value={start}
        error={faultOf(create.error, 'starts_at')}
        onChange={(event) => setStart(event.currentTarget.value)}
      />
      <TextInput
        label="Until"
        type="datetime-local"
        value={end}
        error={faultOf(create.error, 'ends_at')}
        onChange={(event) => setEnd(event.currentTarget.value)}
      />
      <div className={form.buttons}>
        <Button type="submit" size="sm" loading={create.isPending}>
          Stand in
        </Button>
        <Button type="button" size="sm" variant="default" onClick={onDone}>
          Cancel
        </Button>
      </div>
      {isOther ? (
        <p className={form.error} role="alert">
          {create.error?.message}
        </p>
      ) : null}
    </form>
  );
}

/** A local date and time as RFC 3339; what is none goes as it is, and is refused with its reason. */
function instant(local: string): string {
  const time = new Date(local);
  return Number.isNaN(time.getTime()) ? local : time.toISOString();
}
