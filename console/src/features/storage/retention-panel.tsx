import { Button, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { faultOf, put } from '../../api-client/http.ts';
import type { Storage } from '../../api-client/types.ts';
import { Panel } from '../../components/panel.tsx';
import { useToast } from '../../components/toasts.tsx';
import { formatSeconds } from '../../format/number.ts';
import { nameOfSignal, type Signal } from './name-of-signal.ts';
import classes from './retention-panel.module.css';

type Change = Partial<Record<Signal, string | null>>;

/** How long signals are kept; what is set here wins over the settings until it is set back. */
export function RetentionPanel({ signals }: { signals: Storage['signals'] }) {
  const client = useQueryClient();
  const toast = useToast();
  const [texts, setTexts] = useState<Partial<Record<Signal, string>>>({});
  const save = useMutation({
    mutationFn: (change: Change) => put<unknown>('api/monitoring/storage/retention', change),
    onSuccess: () => {
      setTexts({});
      toast({ title: 'Retention changed', text: 'Days beyond it are deleted.', tone: 'ok' });
    },
    onError: (error) => toast({ title: 'Not saved', text: error.message, tone: 'error' }),
    onSettled: () => client.invalidateQueries({ queryKey: ['api/monitoring/storage'] }),
  });
  const change = Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim() !== ''));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate(change);
  };
  return (
    <Panel title="Retention" note="such as 12h, 30d or 1y; shorter ones delete data">
      <form className={classes.form} onSubmit={submit}>
        {signals.map(({ signal, retention_seconds: seconds, retention_source: source }) => (
          <div key={signal} className={classes.field}>
            <TextInput
              label={nameOfSignal(signal)}
              placeholder={formatSeconds(seconds)}
              value={texts[signal] ?? ''}
              error={faultOf(save.error, signal)}
              onChange={(event) => setTexts({ ...texts, [signal]: event.currentTarget.value })}
            />
            {source === 'api' ? (
              <Button variant="subtle" size="compact-xs" onClick={() => save.mutate({ [signal]: null })}>
                Back to the settings
              </Button>
            ) : (
              <span className="faint">as the settings say</span>
            )}
          </div>
        ))}
        <Button type="submit" loading={save.isPending} disabled={Object.keys(change).length === 0}>
          Save retention
        </Button>
      </form>
    </Panel>
  );
}
