import { useMutation, useQueryClient } from '@tanstack/react-query';
import { post } from '../../api-client/http.ts';
import type { Incident } from '../../api-client/types.ts';
import { useCurrentUser } from '../../app/current-user.tsx';
import { useToast } from '../../components/toasts.tsx';

type Action =
  | { action: 'acknowledge' | 'resolve' }
  | { action: 'snooze'; for: string }
  | { action: 'assign'; to: string | null }
  | { action: 'comment'; note: string }
  | { action: 'merge'; into: string }
  | { action: 'split'; episode_ids: string[] };

const DONE: Record<Action['action'], string> = {
  acknowledge: 'Acknowledged',
  resolve: 'Resolved',
  snooze: 'Snoozed',
  assign: 'Assigned',
  comment: 'Note added',
  merge: 'Merged',
  split: 'Split off',
};

/** What one can do to an incident; failures are told in a message. Answers the incident that goes on. */
export function useIncidentActions(incident: Pick<Incident, 'id' | 'title'>) {
  const client = useQueryClient();
  const toast = useToast();
  const { userId } = useCurrentUser();
  return useMutation({
    mutationFn: ({ action, ...body }: Action) =>
      post<Incident>(`api/incidents/${incident.id}/${action}`, { by: userId, ...body }),
    onSuccess: (_answer, { action }) => toast({ title: DONE[action], text: incident.title, tone: 'ok' }),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () =>
      client.invalidateQueries({
        predicate: ({ queryKey }) => /^api\/(incidents|alerts)/.test(String(queryKey[0])),
      }),
  });
}
