import { Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { post } from '../../api-client/http.ts';
import type { NotificationDetail } from '../../api-client/types.ts';
import { useToast } from '../../components/toasts.tsx';

const WAITING = ['scheduled', 'queued', 'retrying'];
const FAILED = ['failed', 'dead', 'unknown'];

/** Takes back what of a notification still waits, or tries again what has failed. */
export function DeliveryActions({ id, deliveries }: Pick<NotificationDetail, 'id' | 'deliveries'>) {
  const client = useQueryClient();
  const toast = useToast();
  const act = useMutation({
    mutationFn: (action: 'cancel' | 'retry') =>
      post<NotificationDetail>(`api/notifications/${id}/${action}`, undefined),
    onSuccess: () => client.invalidateQueries({ queryKey: ['api/notifications'] }),
    onError: (error) => toast({ title: 'Not done', text: error.message, tone: 'error' }),
  });
  const has = (statuses: readonly string[]) => deliveries.some(({ status }) => statuses.includes(status));
  if (!has(WAITING) && !has(FAILED)) return null;
  return (
    <Group gap="xs">
      {has(WAITING) ? (
        <Button size="compact-xs" variant="default" loading={act.isPending} onClick={() => act.mutate('cancel')}>
          Do not send
        </Button>
      ) : null}
      {has(FAILED) ? (
        <Button size="compact-xs" variant="default" loading={act.isPending} onClick={() => act.mutate('retry')}>
          Try again
        </Button>
      ) : null}
    </Group>
  );
}
