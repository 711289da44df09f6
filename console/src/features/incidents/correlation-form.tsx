import { TagsInput, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { faultOf, post, put } from '../../api-client/http.ts';
import type { CorrelationPreview, CorrelationRule } from '../../api-client/types.ts';
import { SeverityBadge } from '../../components/badges.tsx';
import styles from '../../components/form.module.css';
import { Labels } from '../../components/labels.tsx';
import { Panel } from '../../components/panel.tsx';
import { SaveForm } from '../../components/save-form.tsx';
import { RelativeTime } from '../../components/times.tsx';
import { useToast } from '../../components/toasts.tsx';
import classes from './correlation.module.css';

const PAUSE_MS = 300;
const SHOWN = 5;

/** A rule while it is written, with what it would have joined of the last week. */
export function CorrelationForm({ rule, onDone }: { rule: CorrelationRule | undefined; onDone: () => void }) {
  const [name, setName] = useState(rule?.name ?? '');
  const [matchers, setMatchers] = useState(rule?.matcher_text ?? '');
  const [keys, setKeys] = useState<string[]>(rule?.keys ?? []);
  const [window, setWindow] = useState(rule?.window ?? '10m');
  const client = useQueryClient();
  const toast = useToast();
  const scope = { ...(matchers.trim() !== '' && { matchers: matchers.trim() }), keys, window };
  const save = useMutation({
    mutationFn: () => {
      const path = 'api/alerts/correlation-rules';
      if (rule === undefined) return post<CorrelationRule>(path, { name, ...scope });
      return put<CorrelationRule>(`${path}/${rule.id}`, { name, matchers: null, ...scope });
    },
    onSuccess: ({ name: saved }) => {
      toast({ title: 'Correlation rule saved', text: saved, tone: 'ok' });
      onDone();
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['api/alerts/correlation-rules'] }),
  });
  const preview = usePreview(scope);
  const fault = (field: string) => faultOf(save.error, field) ?? faultOf(preview.error, field);
  return (
    <Panel title={rule ? `Change ${rule.name}` : 'New correlation rule'}>
      <SaveForm save={save} onCancel={onDone}>
        <TextInput
          label="Name"
          required
          value={name}
          error={faultOf(save.error, 'name')}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Alerts with these labels"
          description={
            'Matchers with commas between them, such as team="web", severity=~"error|critical". Empty: every alert'
          }
          value={matchers}
          error={fault('matchers') ?? fault('matchers[0]')}
          onChange={(event) => setMatchers(event.currentTarget.value)}
        />
        <div className={styles.row}>
          <TagsInput
            label="That have the same"
            description="Labels, such as cluster"
            value={keys}
            error={faultOf(save.error, 'keys') ?? fault('keys[0]')}
            onChange={setKeys}
          />
          <TextInput
            label="Within"
            description="Since they last fired or ended"
            value={window}
            error={fault('window')}
            onChange={(event) => setWindow(event.currentTarget.value)}
          />
        </div>
        {preview.data ? <Preview preview={preview.data} /> : null}
      </SaveForm>
    </Panel>
  );
}

/** What the rule would have joined, once the writer pauses. */
function usePreview(scope: { matchers?: string; keys: string[]; window: string }) {
  const [asked] = useDebouncedValue(JSON.stringify(scope), PAUSE_MS);
  return useQuery({
    queryKey: ['api/alerts/correlation-rules/preview', asked],
    queryFn: () => post<CorrelationPreview>('api/alerts/correlation-rules/preview', JSON.parse(asked) as object),
    enabled: isScope(asked),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

function isScope(asked: string): boolean {
  const { matchers, keys } = JSON.parse(asked) as { matchers?: string; keys: string[] };
  return keys.length > 0 || matchers !== undefined;
}

function Preview({ preview }: { preview: CorrelationPreview }) {
  const { looked, matched, joined, incident_count: count, incidents, truncated } = preview;
  return (
    <section className={classes.preview} aria-label="What it would have joined">
      <p className={classes.sum} role="status">
        Of {looked} alerts of the last 7 days{truncated ? ', the newest,' : ''} it matches {matched}
        {joined === 0
          ? ', and would have joined none'
          : ` and would have made ${count} ${count === 1 ? 'incident' : 'incidents'} of ${joined}`}
        .
      </p>
      {incidents.slice(0, SHOWN).map((incident) => (
        <div key={incident.alerts[0]!.episode_id} className={classes.incident}>
          <div className={classes.head}>
            {Object.keys(incident.keys).length > 0 ? (
              <Labels labels={incident.keys} />
            ) : (
              <span className="muted">All that match</span>
            )}
            <span className="muted">
              {incident.alert_count} alerts
              {incident.incidents_now > 1
                ? `, in ${incident.incidents_now} incidents as it was`
                : ', one incident already'}
            </span>
          </div>
          <ul className={classes.alerts}>
            {incident.alerts.slice(0, SHOWN).map((alert) => (
              <li key={alert.episode_id}>
                <SeverityBadge severity={alert.severity} soft={false} />
                <Link to="/alerts/$alertId" params={{ alertId: alert.alert_id }}>
                  {alert.alert_name}
                </Link>
                <span className="muted">{alert.service}</span>
                <span className="muted">
                  <RelativeTime time={alert.fired_at} />
                </span>
              </li>
            ))}
            {incident.alert_count > SHOWN ? <li className="muted">and {incident.alert_count - SHOWN} more</li> : null}
          </ul>
        </div>
      ))}
    </section>
  );
}
