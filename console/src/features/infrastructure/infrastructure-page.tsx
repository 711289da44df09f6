import type { Infrastructure } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Page } from '../../components/page.tsx';
import { Loaded } from '../../components/states.tsx';
import { HostCharts } from '../overview/host-charts.tsx';
import { CapacityPanel } from './capacity-panel.tsx';
import { ContainersPanel } from './containers-panel.tsx';
import { HostPanel } from './host-panel.tsx';

/** The host that the service runs on, its containers, and how long there is room. */
export function InfrastructurePage() {
  const query = useLiveQuery<Infrastructure>('api/monitoring/infrastructure');
  return (
    <Page title="Infrastructure">
      <HostCharts />
      <Loaded query={query} rows={6}>
        {({ hosts, capacity }) => (
          <>
            {hosts.map((host) => (
              <HostPanel key={host.host} host={host} />
            ))}
            <CapacityPanel capacity={capacity} />
          </>
        )}
      </Loaded>
      <ContainersPanel />
    </Page>
  );
}
