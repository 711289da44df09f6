import { IconDatabase } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Storage } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Badge } from '../../components/badges.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { formatBytes } from '../../format/number.ts';
import { DiskPanel } from './disk-panel.tsx';
import { RetentionPanel } from './retention-panel.tsx';
import { ServiceUsageTable } from './service-usage-table.tsx';
import { SignalTable } from './signal-table.tsx';

/** What telemetry takes on disk, how long it stays, and who sends most of it. */
export function StoragePage() {
  const query = useLiveQuery<Storage>('api/monitoring/storage');
  const exceeded = query.data?.budget?.exceeded ?? false;
  return (
    <Page title="Storage" note={exceeded ? <Badge tone="warning">Disk budget exceeded</Badge> : undefined}>
      <Loaded query={query} rows={10}>
        {(storage) => (
          <>
            <Panel title="Signals" note={`${formatBytes(storage.bytes)} on disk`} flush>
              <SignalTable signals={storage.signals} />
            </Panel>
            <DiskPanel storage={storage} />
            <RetentionPanel signals={storage.signals} />
            <Services storage={storage} />
          </>
        )}
      </Loaded>
    </Page>
  );
}

function Services({ storage: { services } }: { storage: Storage }) {
  return (
    <Panel title="Services" note="bytes by their share of the rows" flush>
      {services === null ? (
        <EmptyState icon={IconDatabase} title="Counting by service took too long">
          There is too much data to count it while you wait.
        </EmptyState>
      ) : services.length === 0 ? (
        <EmptyState icon={IconDatabase} title="Nothing is stored yet">
          <Link to="/get-started">Send the first data</Link>.
        </EmptyState>
      ) : (
        <ServiceUsageTable services={services} />
      )}
    </Panel>
  );
}
