import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post } from '../../../api-client/http.ts';
import type { Preferences, PreferencesBody } from '../../../api-client/types.ts';
import { CHANNEL_CHOICES, type ChannelName } from '../../../components/channel-names.ts';
import { useToast } from '../../../components/toasts.tsx';

export type Channel = ChannelName;
export type ChannelSettings = Preferences['channels'][Channel];
export type PreferencesChange = Omit<PreferencesBody, 'user_id'>;

/** What an address of a channel looks like; channels without one have none. */
const PLACEHOLDERS: Partial<Record<Channel, string>> = {
  email: 'you@example.com',
  slack: 'https://hooks.slack.com/services/…',
  teams: 'https://…/workflows/…',
  sms: '+49170…',
  webhook: 'https://example.com/hook',
  discord: 'https://discord.com/api/webhooks/…',
  telegram: '-1001234567890',
  ntfy: 'https://ntfy.sh/my-alerts',
  pagerduty: 'Routing key',
};

export const CHANNELS = CHANNEL_CHOICES.map(({ value, label }) => ({
  channel: value,
  name: label,
  placeholder: PLACEHOLDERS[value],
}));

export const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const;

export const DIGESTS = [
  { value: 'instant', label: 'At once' },
  { value: '15m', label: 'Every 15 minutes' },
  { value: 'hourly', label: 'Every hour' },
  { value: 'daily', label: 'Daily at 08:00' },
];

/** What a user has decided, and the ways to change it. */
export function usePreferences(userId: string) {
  const client = useQueryClient();
  const toast = useToast();
  const path = `api/notifications/preferences/${encodeURIComponent(userId)}`;
  const key = ['api/notifications/preferences', userId];
  const changed = {
    onSuccess: (preferences: Preferences) => {
      client.setQueryData(key, preferences);
      void client.invalidateQueries({ queryKey: ['explain', userId] });
    },
    onError: (error: Error) => toast({ title: 'Not saved', text: error.message, tone: 'error' }),
  };
  const query = useQuery({ queryKey: key, queryFn: ({ signal }) => get<Preferences>(path, {}, signal) });
  const save = useMutation({
    mutationFn: (body: PreferencesChange) =>
      post<Preferences>('api/notifications/preferences', { user_id: userId, ...body }),
    ...changed,
  });
  const verify = useMutation({
    mutationFn: (body: { channel: Channel; code?: string }) => post<Preferences>(`${path}/verify`, body),
    ...changed,
  });
  return { query, save, verify };
}
