import { Button, FileButton, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconCircleCheck, IconFileUpload } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { postYaml } from '../../api-client/http.ts';
import type { RoutingView } from '../../api-client/types.ts';
import { Panel } from '../../components/panel.tsx';
import { FieldErrors } from '../../components/states.tsx';
import { useToast } from '../../components/toasts.tsx';
import classes from './routing-editor.module.css';

const PATH = 'api/alerts/routes';
const PAUSE_MS = 400;

/** Changes the routing as YAML, or takes an alertmanager.yml whole; checks while it is written, saves on demand. */
export function RoutingEditor({ routing, onDone }: { routing: RoutingView; onDone: () => void }) {
  const [text, setText] = useState(routing.original);
  // A file says itself where its receivers send to; what is shown here does not.
  const [file, setFile] = useState<string>();
  const client = useQueryClient();
  const toast = useToast();
  const [checked] = useDebouncedValue(text, PAUSE_MS);
  const keep_receivers = file === undefined;
  const check = useQuery({
    queryKey: [PATH, 'check', checked, keep_receivers],
    queryFn: () => postYaml<RoutingView>(PATH, checked, { dry_run: true, keep_receivers }),
    enabled: checked.trim() !== '',
    retry: false,
  });
  const save = useMutation({
    mutationFn: () => postYaml<RoutingView>(PATH, text, { keep_receivers }),
    onSuccess: async () => {
      toast({ title: 'Routing saved', text: 'It is in force now.', tone: 'ok' });
      await client.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[0]).startsWith('api/alerts/') });
      onDone();
    },
  });
  const error = save.error ?? check.error;
  return (
    <Panel
      title="Edit the routing"
      note={file ? `from ${file}` : "in the words of Alertmanager's configuration"}
      actions={
        <FileButton
          accept=".yml,.yaml,application/yaml,text/yaml"
          onChange={(chosen) => {
            if (!chosen) return;
            void chosen.text().then((read) => {
              setText(read);
              setFile(chosen.name);
            });
          }}
        >
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconFileUpload size={14} aria-hidden="true" />}>
              Import alertmanager.yml
            </Button>
          )}
        </FileButton>
      }
    >
      <div className={classes.columns}>
        <Textarea
          aria-label="Routing as YAML"
          autosize
          minRows={16}
          maxRows={32}
          spellCheck={false}
          classNames={{ input: 'mono' }}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            save.reset();
          }}
        />
        <div className={classes.side}>
          <div role="status" aria-label="Check" className={classes.check}>
            {error ? (
              <div className={classes.error}>
                {error.message}
                <FieldErrors error={error} />
              </div>
            ) : null}
            {check.data && !error ? <Understood routing={check.data} /> : null}
          </div>
          {keep_receivers ? (
            <p className="muted">
              Where receivers send to is secret and not shown: those that stand with their names only keep it. To change
              one, write its <code>webhook_configs</code>, <code>email_configs</code>, … in full.
            </p>
          ) : null}
          <div className={classes.buttons}>
            <Button size="sm" loading={save.isPending} disabled={check.error !== null} onClick={() => save.mutate()}>
              Save and use
            </Button>
            <Button size="sm" variant="default" onClick={onDone}>
              Cancel
            </Button>
          </div>
        </div>
      </div>
    </Panel>
  );
}

function Understood({ routing }: { routing: RoutingView }) {
  const { receivers, inhibit_rules: rules, time_intervals: intervals, warnings } = routing;
  return (
    <>
      <p className={classes.good}>
        <IconCircleCheck size={16} aria-hidden="true" />
        Understood: {receivers.length} receivers, {rules} inhibit rules, {intervals.length} time intervals
      </p>
      <ul className={classes.warnings} aria-label="Without effect">
        {warnings.map(({ path, message }) => (
          <li key={`${path} ${message}`}>
            <code>{path}</code> {message}
          </li>
        ))}
      </ul>
    </>
  );
}
