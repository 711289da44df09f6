import { useMutation, useQueryClient } from '@tanstack/react-query';
import { post, put, remove } from '../../api-client/http.ts';
import type { Alert } from '../../api-client/types.ts';
import { useCurrentUser } from '../../app/current-user.tsx';
import { useToast } from '../../components/toasts.tsx';

type Action = { action: 'acknowledge' | 'resolve' | 'test' } | { action: 'snooze'; for: string };

const DONE: Record<Action['action'], string> = {
  acknowledge: 'Acknowledged',
  resolve: 'Resolved',
  snooze: 'Snoozed',
  test: 'Test notification on its way',
};

/** What one can do to an alert; failures are told in a message. */
export function useAlertActions(alert: Pick<Alert, 'id' | 'name'>) {
  const client = useQueryClient();
  const toast = useToast();
  const { userId } = useCurrentUser();
  const renew = () => client.invalidateQueries({ predicate: ({ queryKey }) => isOfAlerts(queryKey) });
  const renewOthers = () =>
    client.invalidateQueries({ predicate: ({ queryKey }) => isOfAlerts(queryKey) && queryKey[1] !== alert.id });
  const failed = (error: Error) => toast({ title: 'That did not work', text: error.message, tone: 'error' });
  const act = useMutation({
    mutationFn: ({ action, ...body }: Action) =>
      post<unknown>(`api/alerts/${alert.id}/${action}`, { by: userId, ...body }),
    onSuccess: (_answer, { action }) => toast({ title: DONE[action], text: alert.name, tone: 'ok' }),
    onError: failed,
    onSettled: renew,
  });
  const enable = useMutation({
    mutationFn: (enabled: boolean) => put<Alert>(`api/alerts/${alert.id}`, { enabled }),
    onError: failed,
    onSettled: renew,
  });
  const erase = useMutation({
    mutationFn: () => remove(`api/alerts/${alert.id}`),
    onSuccess: () => toast({ title: 'Alert deleted', text: `${alert.name}. Its history is kept.`, tone: 'ok' }),
    onError: failed,
    onSettled: renewOthers,
  });
  return { act, enable, erase };
}

function isOfAlerts(queryKey: readonly unknown[]): boolean {
  return String(queryKey[0]).startsWith('api/alerts');
}
