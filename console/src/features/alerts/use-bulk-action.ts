import { useMutation, useQueryClient } from '@tanstack/react-query';
import { post } from '../../api-client/http.ts';
import type { BulkItem } from '../../api-client/types.ts';
import { useCurrentUser } from '../../app/current-user.tsx';
import { useToast } from '../../components/toasts.tsx';

type BulkAction = { action: 'acknowledge' } | { action: 'snooze' | 'silence'; for: string };

const DONE: Record<BulkAction['action'], string> = {
  acknowledge: 'Acknowledged',
  snooze: 'Snoozed',
  silence: 'Silenced',
};

/** Does the same to many alerts, and says how many of them it was done to. */
export function useBulkAction(ids: readonly string[]) {
  const client = useQueryClient();
  const toast = useToast();
  const { userId } = useCurrentUser();
  return useMutation({
    mutationFn: (action: BulkAction) =>
      post<{ done: number; items: BulkItem[] }>('api/alerts/bulk', { ids, by: userId, ...action }),
    onSuccess: ({ done, items }, { action }) => {
      const failed = items.filter(({ result }) => result === 'failed').length;
      const quiet = items.length - done - failed;
      const text = [
        `${done} of ${items.length} alerts`,
        ...(quiet > 0 ? [`${quiet} do not fire`] : []),
        ...(failed > 0 ? [`${failed} failed`] : []),
      ].join(', ');
      toast({ title: DONE[action], text, tone: failed > 0 ? 'error' : 'ok' });
    },
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () =>
      client.invalidateQueries({
        predicate: ({ queryKey }) => /^api\/(alerts|silences|incidents)/.test(String(queryKey[0])),
      }),
  });
}
