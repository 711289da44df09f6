import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { get, post } from '../../api-client/http.ts';
import type { Alert, AlertVersionList } from '../../api-client/types.ts';
import { Badge } from '../../components/badges.tsx';
import { Panel } from '../../components/panel.tsx';
import { Loaded } from '../../components/states.tsx';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { useToast } from '../../components/toasts.tsx';
import classes from './alert-versions.module.css';
import { type Difference, diffVersions } from './version-diff.ts';

type Version = AlertVersionList['items'][number];

/** What the rule was: how each version differs from now, and the way back to it. */
export function AlertVersions({ alert }: { alert: Alert }) {
  const query = useQuery({
    queryKey: ['api/alerts', alert.id, 'versions', alert.version],
    queryFn: ({ signal }) => get<AlertVersionList>(`api/alerts/${encodeURIComponent(alert.id)}/versions`, {}, signal),
  });
  return (
    <Panel title="Versions" note={query.data ? `${query.data.items.length}` : undefined} flush>
      <Loaded query={query}>
        {({ items }) => (
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">Version</th>
                <th scope="col">Different from now</th>
                <th scope="col" className={table.minor}>
                  Saved
                </th>
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((version, index) => (
                <tr key={version.version}>
                  <th scope="row" className={table.tight}>
                    {version.version}
                  </th>
                  <td>
                    {index === 0 ? (
                      <Badge tone="accent">Now</Badge>
                    ) : (
                      <Differences differences={diffVersions(version.definition, items[0]!.definition)} />
                    )}
                  </td>
                  <td className={`${table.tight} ${table.minor} muted`}>
                    <RelativeTime time={version.changed_at} /> by {version.changed_by}
                  </td>
                  <td className={table.tight}>
                    {index === 0 ? null : <RestoreButton alert={alert} version={version} />}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </Loaded>
    </Panel>
  );
}

function Differences({ differences }: { differences: readonly Difference[] }) {
  if (differences.length === 0) return <span className="muted">the same</span>;
  return (
    <ul className={classes.list}>
      {differences.map(({ field, before, now }) => (
        <li key={field}>
          <span className={classes.field}>{field}</span>
          <code className={classes.before}>{before ?? 'none'}</code>
          <span className="faint">now</span>
          <code className={classes.now}>{now ?? 'none'}</code>
        </li>
      ))}
    </ul>
  );
}

function RestoreButton({ alert, version: { version } }: { alert: Alert; version: Version }) {
  const client = useQueryClient();
  const toast = useToast();
  const restore = useMutation({
    mutationFn: () => post<Alert>(`api/alerts/${encodeURIComponent(alert.id)}/versions/${version}/restore`, {}),
    onSuccess: (restored) =>
      toast({ title: `Version ${version} is back`, text: `as version ${restored.version}`, tone: 'ok' }),
    onError: (error) => toast({ title: 'That did not work', text: error.message, tone: 'error' }),
    onSettled: () => client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'api/alerts' }),
  });
  return (
    <Button
      size="compact-xs"
      variant="default"
      loading={restore.isPending}
      aria-label={`Restore version ${version}`}
      onClick={() => restore.mutate()}
    >
      Restore
    </Button>
  );
}
