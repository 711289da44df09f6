import { Button, Select, Switch, TextInput } from '@mantine/core';
import { IconSend } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { get, post } from '../../api-client/http.ts';
import type { Preferences, PreferencesBody } from '../../api-client/types.ts';
import { useCurrentUser } from '../../app/current-user.tsx';
import { capital } from '../../components/badges.tsx';
import { Page } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { useToast } from '../../components/toasts.tsx';
import { NotificationTabs } from './notification-tabs.tsx';

type Channel = keyof Preferences['channels'];
type Settings = Preferences['channels'][Channel];

const CHANNELS: { channel: Channel; name: string; placeholder?: string }[] = [
  { channel: 'in_app', name: 'In-app inbox' },
  { channel: 'email', name: 'Email', placeholder: 'you@example.com' },
  { channel: 'slack', name: 'Slack', placeholder: 'https://hooks.slack.com/services/…' },
  { channel: 'teams', name: 'Teams', placeholder: 'https://…/workflows/…' },
  { channel: 'sms', name: 'SMS', placeholder: '+49170…' },
  { channel: 'webhook', name: 'Webhook', placeholder: 'https://example.com/hook' },
  { channel: 'discord', name: 'Discord', placeholder: 'https://discord.com/api/webhooks/…' },
  { channel: 'telegram', name: 'Telegram', placeholder: '-1001234567890' },
  { channel: 'ntfy', name: 'ntfy', placeholder: 'https://ntfy.sh/my-alerts' },
  { channel: 'pagerduty', name: 'PagerDuty', placeholder: 'Routing key' },
];

/** By which channels the reader wants to hear, and from which severity on. */
export function PreferencesPage() {
  const { userId } = useCurrentUser();
  const client = useQueryClient();
  const toast = useToast();
  const key = ['api/notifications/preferences', userId];
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      get<Preferences>(`api/notifications/preferences/${encodeURIComponent(userId)}`, {}, signal),
  });
  const save = useMutation({
    mutationFn: (body: Omit<PreferencesBody, 'user_id'>) =>
      post<Preferences>('api/notifications/preferences', { user_id: userId, ...body }),
    onSuccess: (preferences) => client.setQueryData(key, preferences),
    onError: (error) => toast({ title: 'Not saved', text: error.message, tone: 'error' }),
  });
  const test = useMutation({
    mutationFn: () =>
      post<unknown>('api/notifications/notify', {
        user_id: userId,
        type: 'test',
        subject: 'Test notification',
        message: 'Sent from the preferences of the console.',
      }),
    onSuccess: () => toast({ title: 'On its way', text: 'To every channel that is switched on.', tone: 'ok' }),
    onError: (error) => toast({ title: 'Not sent', text: error.message, tone: 'error' }),
  });
  return (
    <Page
      title="Notification preferences"
      note={`of ${userId}`}
      actions={
        <Button
          variant="default"
          leftSection={<IconSend size={14} aria-hidden="true" />}
          loading={test.isPending}
          onClick={() => test.mutate()}
        >
          Send me a test
        </Button>
      }
    >
      <NotificationTabs />
      <div className={surface.surface} style={{ maxWidth: 860 }}>
        <Loaded query={query} rows={8}>
          {(preferences) => (
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">Channel</th>
                  <th scope="col">On</th>
                  <th scope="col">Address</th>
                  <th scope="col">From severity</th>
                </tr>
              </thead>
              <tbody>
                {CHANNELS.filter(({ channel }) => preferences.channels[channel]).map(
                  ({ channel, name, placeholder }) => (
                    <ChannelRow
                      key={`${userId} ${channel}`}
                      name={name}
                      placeholder={placeholder}
                      settings={preferences.channels[channel]}
                      pending={save.isPending}
                      onChange={(change) => save.mutate({ channel, ...change })}
                    />
                  ),
                )}
              </tbody>
            </table>
          )}
        </Loaded>
      </div>
      <p className="muted" style={{ margin: 0, fontSize: '0.8125rem' }}>
        A channel needs to be configured at the service as well; the history says where a message was held back, and
        why.
      </p>
    </Page>
  );
}

interface ChannelRowProps {
  name: string;
  /** Channels without an address have none. */
  placeholder: string | undefined;
  settings: Settings;
  pending: boolean;
  onChange: (change: {
    enabled?: boolean;
    address?: string | null;
    min_severity?: Settings['min_severity'] | null;
  }) => void;
}

function ChannelRow({ name, placeholder, settings, pending, onChange }: ChannelRowProps) {
  const saved = settings.address ?? '';
  const [address, setAddress] = useState(saved);
  const commit = () => {
    if (address.trim() !== saved) onChange({ address: address.trim() === '' ? null : address.trim() });
  };
  return (
    <tr>
      <th scope="row" className={table.tight}>
        {name}
      </th>
      <td className={table.tight}>
        <Switch
          size="sm"
          aria-label={`${name} on`}
          checked={settings.enabled}
          disabled={pending}
          onChange={(event) => onChange({ enabled: event.currentTarget.checked })}
        />
      </td>
      <td>
        {placeholder === undefined ? (
          <span className="faint">the bell above</span>
        ) : (
          <TextInput
            aria-label={`${name} address`}
            placeholder={placeholder}
            maw={420}
            miw={160}
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
            onBlur={commit}
            onKeyDown={(event) => {
              if (event.key === 'Enter') commit();
            }}
          />
        )}
      </td>
      <td className={table.tight}>
        <Select
          aria-label={`${name} from severity`}
          w={140}
          placeholder="Any"
          clearable
          data={['info', 'warning', 'error', 'critical'].map((value) => ({ value, label: capital(value) }))}
          value={settings.min_severity ?? null}
          onChange={(value) => onChange({ min_severity: value as Settings['min_severity'] | null })}
        />
      </td>
    </tr>
  );
}
