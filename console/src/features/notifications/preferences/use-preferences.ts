import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post } from '../../../api-client/http.ts';
import type { Preferences, PreferencesBody } from '../../../api-client/types.ts';
import { useToast } from '../../../components/toasts.tsx';

export type Channel = keyof Preferences['channels'];
export type ChannelSettings = Preferences['channels'][Channel];
export type PreferencesChange = Omit<PreferencesBody, 'user_id'>;

export const CHANNELS: { channel: Channel; name: string; placeholder?: string }[] = [
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
