import { Button, Select, Textarea, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError, faultOf, post } from '../../api-client/http.ts';
import type { Silence, SilencePreview } from '../../api-client/types.ts';
import { useCurrentUser } from '../../app/current-user.tsx';
import { Panel } from '../../components/panel.tsx';
import { useToast } from '../../components/toasts.tsx';
import classes from './silence-form.module.css';

const DURATIONS = [
  { value: '30m', label: '30 minutes' },
  { value: '1h', label: '1 hour' },
  { value: '4h', label: '4 hours' },
  { value: '1d', label: '1 day' },
  { value: '7d', label: '1 week' },
];
const PAUSE_MS = 250;

/** Says which alerts are to be quiet, for how long and why; shows while writing what that would silence. */
export function SilenceForm({ onDone }: { onDone: () => void }) {
  const [matchers, setMatchers] = useState('');
  const [duration, setDuration] = useState('1h');
  const [comment, setComment] = useState('');
  const { userId } = useCurrentUser();
  const client = useQueryClient();
  const toast = useToast();
  const create = useMutation({
    mutationFn: () => post<Silence>('api/silences', { matchers, duration, comment, created_by: userId }),
    onSuccess: (silence) => {
      toast({ title: 'Silenced', text: silence.matcher_text, tone: 'ok' });
      onDone();
    },
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'api/silences' }),
  });
  const preview = usePreview(matchers);
  const fault = matcherFault(create.error) ?? matcherFault(preview.error);
  const isOther = create.error && !matcherFault(create.error) && !faultOf(create.error, 'comment');
  return (
    <Panel title="New silence">
      <form
        className={classes.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          create.mutate();
        }}
      >
        <TextInput
          label="Alerts with these labels"
          description={
            'Matchers with commas between them: =, !=, =~ and !~, such as service="web", severity=~"info|warning"'
          }
          placeholder={'alertname="High CPU usage"'}
          required
          value={matchers}
          error={fault}
          onChange={(event) => setMatchers(event.currentTarget.value)}
        />
        <p className={classes.count} role="status">
          {preview.data && !fault ? describeCount(preview.data) : 'Silences nothing yet'}
        </p>
        <div className={classes.row}>
          <Select
            label="For"
            data={DURATIONS}
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
            error={faultOf(create.error, 'comment')}
            onChange={(event) => setComment(event.currentTarget.value)}
          />
        </div>
        {isOther ? (
          <p className={classes.error} role="alert">
            {create.error.message}
          </p>
        ) : null}
        <div className={classes.buttons}>
          <Button type="submit" size="sm" loading={create.isPending}>
            Silence
          </Button>
          <Button type="button" size="sm" variant="default" onClick={onDone}>
            Cancel
          </Button>
        </div>
      </form>
    </Panel>
  );
}

/** What the matchers would silence now, once the writer pauses. */
function usePreview(matchers: string) {
  const [asked] = useDebouncedValue(matchers.trim(), PAUSE_MS);
  return useQuery({
    queryKey: ['api/silences/preview', asked],
    queryFn: () => post<SilencePreview>('api/silences/preview', { matchers: asked }),
    enabled: asked.includes('='),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

function matcherFault(error: Error | null): string | undefined {
  if (!(error instanceof ApiError)) return undefined;
  return error.fields.find(({ path }) => path.startsWith('matchers'))?.message;
}

function describeCount({ count, items }: SilencePreview): string {
  if (count === 0) return 'Silences 0 alerts now';
  const names = [...new Set(items.map((item) => item.alert_name))].slice(0, 3).join(', ');
  return `Silences ${count} ${count === 1 ? 'alert' : 'alerts'} now: ${names}`;
}
