import { Button, Select, TextInput } from '@mantine/core';
import { IconHeartbeat, IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { faultOf, post, put, remove, serviceUrl } from '../../api-client/http.ts';
import type { Heartbeat } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { Badge, capital, type Tone } from '../../components/badges.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { SaveForm } from '../../components/save-form.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { Moment, RelativeTime } from '../../components/times.tsx';
import { useToast } from '../../components/toasts.tsx';
import classes from './heartbeats-page.module.css';

const TONES: Record<Heartbeat['state'], Tone> = {
  up: 'ok',
  waiting: 'unknown',
  late: 'warning',
  down: 'critical',
  paused: 'unknown',
};

/** What is to be heard of on time; an alert fires where it is not. */
export function HeartbeatsPage() {
  const [isAdding, setAdding] = useState(false);
  const { query, items } = usePages<Heartbeat>('api/heartbeats', { limit: 200 });
  const add = (
    <Button leftSection={<IconPlus size={14} aria-hidden="true" />} onClick={() => setAdding(true)}>
      New heartbeat
    </Button>
  );
  return (
    <Page title="Heartbeats" actions={isAdding ? undefined : add}>
      {isAdding ? <HeartbeatForm onDone={() => setAdding(false)} /> : null}
      <div className={surface.surface}>
        {query.error && !items ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
        {!items && !query.error ? <LoadingRows rows={4} /> : null}
        {items?.length === 0 ? (
          <EmptyState icon={IconHeartbeat} title="No heartbeats">
            A backup or a scheduled job calls its address each time that it ran. An alert fires where it does not in
            time; so does one when the Watchdog of a Prometheus stops.
          </EmptyState>
        ) : null}
        {items && items.length > 0 ? <HeartbeatTable heartbeats={items} /> : null}
      </div>
    </Page>
  );
}

function HeartbeatTable({ heartbeats }: { heartbeats: readonly Heartbeat[] }) {
  return (
    <table className={table.table}>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Heartbeat</th>
          <th scope="col">Heard of</th>
          <th scope="col" className={table.minor}>
            Alert at
          </th>
          <th scope="col">
            <span className="visually-hidden">Actions</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {heartbeats.map((heartbeat) => (
          <HeartbeatRow key={heartbeat.id} heartbeat={heartbeat} />
        ))}
      </tbody>
    </table>
  );
}

function HeartbeatRow({ heartbeat }: { heartbeat: Heartbeat }) {
  const { id, name, interval, grace, enabled, matcher_text: matchers } = heartbeat;
  const change = useHeartbeatChange(() => put(`api/heartbeats/${id}`, { enabled: !enabled }));
  const drop = useHeartbeatChange(() => remove(`api/heartbeats/${id}`));
  const rhythm = `every ${interval}${grace === '0s' ? '' : `, and ${grace} of grace`}`;
  return (
    <tr>
      <td className={table.tight}>
        <Badge tone={TONES[heartbeat.state]}>{capital(heartbeat.state)}</Badge>
      </td>
      <th scope="row" className={table.wide}>
        {name}
        <div className={table.detail}>{matchers === '' ? rhythm : `${rhythm}; alerts with ${matchers}`}</div>
      </th>
      <td className={table.tight}>
        <RelativeTime time={heartbeat.last_ping_at} />
      </td>
      <td className={`${table.tight} ${table.minor}`}>
        {heartbeat.alert_at ? <Moment time={heartbeat.alert_at} /> : ''}
      </td>
      <td className={table.tight}>
        <div className={classes.buttons}>
          <CopyButton text={serviceUrl(heartbeat.ping_path).href} label={`Copy the address of ${name}`} />
          <Button
            size="compact-xs"
            variant="default"
            loading={change.isPending}
            aria-label={`${enabled ? 'Pause' : 'Resume'} ${name}`}
            onClick={() => change.mutate()}
          >
            {enabled ? 'Pause' : 'Resume'}
          </Button>
          <Button
            size="compact-xs"
            variant="default"
            loading={drop.isPending}
            aria-label={`Remove ${name}`}
            onClick={() => drop.mutate()}
          >
            Remove
          </Button>
        </div>
      </td>
    </tr>
  );
}

function useHeartbeatChange(work: () => Promise<unknown>) {
  const client = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: work,
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'api/heartbeats' }),
  });
}

function HeartbeatForm({ onDone }: { onDone: () => void }) {
  const [form, setForm] = useState({ name: '', interval: '1h', grace: '5m', severity: 'error', matchers: '' });
  const client = useQueryClient();
  const toast = useToast();
  const { matchers, ...fields } = form;
  const create = useMutation({
    mutationFn: () => post<Heartbeat>('api/heartbeats', { ...fields, ...(matchers.trim() !== '' && { matchers }) }),
    onSuccess: ({ name }) => {
      toast({ title: 'Heartbeat made', text: `${name} waits for its first ping`, tone: 'ok' });
      onDone();
    },
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'api/heartbeats' }),
  });
  const text = (field: keyof typeof form, label: string, description?: string) => (
    <TextInput
      label={label}
      description={description}
      value={form[field]}
      error={faultOf(create.error, field)}
      onChange={(event) => setForm({ ...form, [field]: event.currentTarget.value })}
    />
  );
  return (
    <Panel title="New heartbeat">
      <SaveForm save={create} className={classes.form} submit="Make heartbeat" onCancel={onDone}>
        {text('name', 'Name')}
        <div className={classes.row}>
          {text('interval', 'Every')}
          {text('grace', 'Grace')}
          <Select
            label="Severity"
            data={['info', 'warning', 'error', 'critical']}
            allowDeselect={false}
            value={form.severity}
            onChange={(value) => setForm({ ...form, severity: value ?? 'error' })}
          />
        </div>
        {text(
          'matchers',
          'Alerts that stand for it',
          'Empty: it calls its address. For Prometheus: alertname="Watchdog"',
        )}
      </SaveForm>
    </Panel>
  );
}
