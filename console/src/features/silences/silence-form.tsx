import { Button, Select, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { faultOf, post, put } from '../../api-client/http.ts';
import type { Silence } from '../../api-client/types.ts';
import { useCurrentUser } from '../../app/current-user.tsx';
import { Panel } from '../../components/panel.tsx';
import { useToast } from '../../components/toasts.tsx';
import { formatMoment } from '../../format/time.ts';
import { MatchersField, matcherFault } from './matchers-field.tsx';
import classes from './silence-form.module.css';

const DURATIONS = [
  { value: '30m', label: '30 minutes' },
  { value: '1h', label: '1 hour' },
  { value: '4h', label: '4 hours' },
  { value: '1d', label: '1 day' },
  { value: '7d', label: '1 week' },
];
const KEEP = 'keep';

interface SilenceFormProps {
  /** Left out: a new one. */
  silence?: Silence | undefined;
  onDone: () => void;
}

/** Says which alerts are to be quiet, for how long and why; shows while writing what that would silence. */
export function SilenceForm({ silence, onDone }: SilenceFormProps) {
  const [matchers, setMatchers] = useState(silence?.matcher_text ?? '');
  const [duration, setDuration] = useState(silence ? KEEP : '1h');
  const [comment, setComment] = useState(silence?.comment ?? '');
  const { userId } = useCurrentUser();
  const client = useQueryClient();
  const toast = useToast();
  const save = useMutation({
    mutationFn: () => {
      const length = duration === KEEP ? {} : { duration };
      if (silence === undefined) {
        return post<Silence>('api/silences', { matchers, comment, ...length, created_by: userId });
      }
      const changed = matchers === silence.matcher_text ? {} : { matchers };
      return put<Silence>(`api/silences/${silence.id}`, { ...changed, ...length, comment });
    },
    onSuccess: ({ matcher_text }) => {
      toast({ title: 'Silenced', text: matcher_text, tone: 'ok' });
      onDone();
    },
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'api/silences' }),
  });
  const isOther = save.error && !matcherFault(save.error) && !faultOf(save.error, 'comment');
  return (
    <Panel title={silence ? 'Change the silence' : 'New silence'}>
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <MatchersField value={matchers} onChange={setMatchers} error={save.error} />
        <div className={classes.row}>
          <Select
            label={silence ? 'From now for' : 'For'}
            data={
              silence ? [{ value: KEEP, label: `Until ${formatMoment(silence.ends_at)}` }, ...DURATIONS] : DURATIONS
            }
            allowDeselect={false}
            value={duration}
            onChange={(value) => setDuration(value ?? '1h')}
          />
          <Textarea
            label="Why"
            placeholder="Known, replaced on Tuesday"
            required
            autosize
            value={comment}
            error={faultOf(save.error, 'comment')}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
        </div>
        {isOther ? (
          <p className={classes.error} role="alert">
            {save.error.message}
          </p>
        ) : null}
        <div className={classes.buttons}>
          <Button type="submit" size="sm" loading={save.isPending}>
            {silence ? 'Save' : 'Silence'}
          </Button>
          <Button type="button" size="sm" variant="default" onClick={onDone}>
            Cancel
          </Button>
        </div>
      </form>
    </Panel>
  );
}
