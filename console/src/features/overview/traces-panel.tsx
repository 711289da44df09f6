import { IconRoute } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Page, TraceItem } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { useTimeRange } from '../../time/use-time-range.ts';
import { TraceTable } from '../traces/trace-table.tsx';

/** The newest traces. */
export function TracesPanel() {
  const [range] = useTimeRange();
  const query = useLiveQuery<Page<TraceItem>>('api/traces', { limit: 9 }, { range });
  return (
    <Panel title="Newest traces" flush actions={<Link to="/traces">All traces</Link>}>
      <Loaded
        query={query}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <EmptyState icon={IconRoute} title="No traces in this time range">
            <Link to="/get-started">Instrument a service</Link>, or choose a longer range above.
          </EmptyState>
        }
      >
        {({ items }) => <TraceTable traces={items} compact />}
      </Loaded>
    </Panel>
  );
}
