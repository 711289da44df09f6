import { IconTopologyStar3 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { ServiceTable } from '../services/service-table.tsx';
import { useServices } from '../services/use-services.ts';
import { worstFirst } from '../services/worst-first.ts';

const SHOWN = 8;

/** The services, those in trouble first. */
export function ServicesPanel() {
  const query = useServices();
  const count = query.data?.items.length ?? 0;
  return (
    <Panel
      title="Services"
      note={count > 0 ? `${count} seen` : undefined}
      flush
      actions={<Link to="/services">All services</Link>}
    >
      <Loaded
        query={query}
        isEmpty={({ items }) => items.length === 0}
        empty={
          <EmptyState icon={IconTopologyStar3} title="No services in this time range">
            A service appears with its first span, metric or log line.{' '}
            <Link to="/get-started">Send your first data</Link>
          </EmptyState>
        }
      >
        {({ items }) => <ServiceTable services={worstFirst(items).slice(0, SHOWN)} />}
      </Loaded>
    </Panel>
  );
}
