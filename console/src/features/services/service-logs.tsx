import { IconFileText } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { LogItem, Page } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { useTimeRange } from '../../time/use-time-range.ts';
import { LogTable } from '../logs/log-table.tsx';

/** The newest lines of one service. */
export function ServiceLogs({ service }: { service: string }) {
  const [range] = useTimeRange();
  const query = useLiveQuery<Page<LogItem>>('api/logs', { service, limit: 15 }, { range });
  return (
    <Panel
      title="Newest logs"
      flush
      actions={
        <Link to="/logs" search={{ service }}>
          All logs
        </Link>
      }
    >
      <Loaded
        query={query}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <EmptyState icon={IconFileText} title="No logs in this time range">
            The service has sent none, or under another name.
          </EmptyState>
        }
      >
        {({ items }) => <LogTable logs={items} dense />}
      </Loaded>
    </Panel>
  );
}
