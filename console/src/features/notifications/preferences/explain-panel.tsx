import { Checkbox, Select, TextInput } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { get } from '../../../api-client/http.ts';
import type { PreferenceExplanation } from '../../../api-client/types.ts';
import { Badge, capital, type Tone } from '../../../components/badges.tsx';
import { Panel } from '../../../components/panel.tsx';
import { Loaded } from '../../../components/states.tsx';
import { Timestamp } from '../../../components/times.tsx';
import classes from './preferences.module.css';
import { SEVERITIES } from './use-preferences.ts';

const TONES: Record<PreferenceExplanation['channels'][number]['outcome'], Tone> = {
  sent: 'ok',
  waits: 'info',
  not_sent: 'unknown',
};

/** What would become of a notification, and why. */
export function ExplainPanel({ userId }: { userId: string }) {
  const [type, setType] = useState('alert.firing');
  const [severity, setSeverity] = useState<string>('warning');
  const [at, setAt] = useState('');
  const [critical, setCritical] = useState(false);
  const parameters = {
    type: type.trim() || 'message',
    severity,
    critical: String(critical),
    ...(at !== '' && { at: new Date(at).toISOString() }),
  };
  const query = useQuery({
    queryKey: ['explain', userId, parameters],
    queryFn: ({ signal }) =>
      get<PreferenceExplanation>(
        `api/notifications/preferences/${encodeURIComponent(userId)}/explain`,
        parameters,
        signal,
      ),
    placeholderData: keepPreviousData,
  });
  return (
    <Panel title="Would I get it?" note="Nothing is sent">
      <div className={classes.line}>
        <TextInput label="Type" value={type} onChange={(event) => setType(event.currentTarget.value)} />
        <Select
          label="Severity"
          w={130}
          allowDeselect={false}
          data={SEVERITIES.map((value) => ({ value, label: capital(value) }))}
          value={severity}
          onChange={(value) => setSeverity(value ?? 'warning')}
        />
        <TextInput
          type="datetime-local"
          label="At (your browser's clock)"
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
        />
        <Checkbox
          label="Critical"
          checked={critical}
          onChange={(event) => setCritical(event.currentTarget.checked)}
          mb={8}
        />
      </div>
      <Loaded query={query} rows={3}>
        {({ channels }) => (
          <>
            {channels.map(({ channel, recipient, outcome, until, reason, detail, trace }) => (
              <section key={`${channel} ${recipient}`} aria-label={`${capital(channel)} to ${recipient}`}>
                <div className={classes.outcome}>
                  <Badge tone={TONES[outcome]} soft={false}>
                    {capital(outcome)}
                  </Badge>
                  <b>{capital(channel)}</b> to {recipient}
                  {until ? (
                    <span>
                      until <Timestamp time={until} />
                    </span>
                  ) : null}
                </div>
                <ol className={classes.steps}>
                  {trace.map((step) => (
                    <li key={`${step.rule} ${step.result}`}>
                      {capital(step.rule)}: <b>{step.result}</b>
                    </li>
                  ))}
                  {reason ? (
                    <li>
                      {capital(reason)}
                      {detail ? `: ${detail}` : ''}
                    </li>
                  ) : null}
                </ol>
              </section>
            ))}
          </>
        )}
      </Loaded>
    </Panel>
  );
}
