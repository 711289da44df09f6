import { IconShieldCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Alert, Page } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Badge } from '../../components/badges.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { AlertList } from '../alerts/alert-list.tsx';
import { mostUrgentFirst } from '../alerts/most-urgent-first.ts';

const SHOWN = 6;

/** The rules, those that fire first. */
export function AlertsPanel() {
  const query = useLiveQuery<Page<Alert>>('api/alerts', { limit: 200 });
  const firing = query.data?.items.filter((alert) => alert.state === 'firing').length ?? 0;
  return (
    <Panel
      title="Alerts"
      flush
      note={firing > 0 ? <Badge tone="critical">{`${firing} firing`}</Badge> : undefined}
      actions={<Link to="/alerts">All alerts</Link>}
    >
      <Loaded
        query={query}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <EmptyState icon={IconShieldCheck} title="No alerts yet">
            <Link to="/alerts/new">Create one</Link> to be told when a figure leaves its bounds: by mail, webhook, and
            at the bell above.
          </EmptyState>
        }
      >
        {({ items }) => <AlertList alerts={mostUrgentFirst(items).slice(0, SHOWN)} />}
      </Loaded>
    </Panel>
  );
}
