import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { post } from '../../api-client/http.ts';
import type { DeadList, ReplayAnswer } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { nameOfChannel } from '../../components/channel-names.ts';
import { Panel } from '../../components/panel.tsx';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { useToast } from '../../components/toasts.tsx';

const DEAD = 'api/notifications/dead';

/** What was given up after many attempts, to be sent again. Nothing to see where there is none. */
export function DeadLetters() {
  const { data } = useLiveQuery<DeadList>(DEAD, { limit: 20 });
  const client = useQueryClient();
  const toast = useToast();
  const replay = useMutation({
    mutationFn: (which: { ids: string[] } | { all: true }) => post<ReplayAnswer>(`${DEAD}/replay`, which),
    onSuccess: ({ replayed }) =>
      toast({ title: 'Sent again', text: `${replayed} put back into the queue`, tone: 'ok' }),
    onError: (error) => toast({ title: 'Not sent again', text: error.message, tone: 'error' }),
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === DEAD }),
  });
  if (!data || data.total === 0) return null;
  const all = (
    <Button size="compact-sm" variant="default" loading={replay.isPending} onClick={() => replay.mutate({ all: true })}>
      Send all again
    </Button>
  );
  const note = data.total > data.items.length ? `the newest ${data.items.length} of ${data.total}` : `${data.total}`;
  return (
    <Panel title="Given up" note={note} actions={all} flush>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Notification</th>
            <th scope="col">To</th>
            <th scope="col" className={table.minor}>
              Why
            </th>
            <th scope="col">Said</th>
            <th scope="col">
              <span className="visually-hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((dead) => (
            <tr key={dead.id}>
              <th scope="row" className={table.wide}>
                <Link to="/notifications/history" search={{ status: 'dead' }}>
                  {dead.subject || dead.type}
                </Link>
              </th>
              <td>
                {dead.recipient}
                <div className={table.detail}>{nameOfChannel(dead.channel)}</div>
              </td>
              <td className={table.minor}>{dead.detail ?? dead.reason}</td>
              <td className={table.tight}>
                <RelativeTime time={dead.created_at} />
              </td>
              <td className={table.tight}>
                <Button
                  variant="subtle"
                  size="compact-sm"
                  aria-label={`Send again: ${dead.subject || dead.type}`}
                  onClick={() => replay.mutate({ ids: [dead.id] })}
                >
                  Send again
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
