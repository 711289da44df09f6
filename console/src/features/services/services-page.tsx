import { SegmentedControl } from '@mantine/core';
import { IconSearchOff, IconTopologyStar3 } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useCallback } from 'react';
import { useSearchState } from '../../app/search-state.ts';
import { Badge } from '../../components/badges.tsx';
import { Page } from '../../components/page.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import { ServiceMap } from '../service-map/service-map.tsx';
import { ServiceTable } from './service-table.tsx';
import { useServices } from './use-services.ts';
import { worstFirst } from './worst-first.ts';

const VIEWS = [
  { value: 'list', label: 'List' },
  { value: 'map', label: 'Map' },
];

/** Every service that sent something in the time range. */
export function ServicesPage() {
  const [{ search = '', view }, change] = useSearchState<{ search?: string | undefined; view?: string | undefined }>();
  const query = useServices();
  const find = useCallback((text: string) => change({ search: text.trim() }, true), [change]);
  const troubled =
    query.data?.items.filter(({ status }) => status === 'unhealthy' || status === 'degraded').length ?? 0;
  return (
    <Page title="Services" note={troubled > 0 ? <Badge tone="warning">{`${troubled} in trouble`}</Badge> : undefined}>
      <div className={surface.bar}>
        {view === 'map' ? null : (
          <SearchField label="Search services" placeholder="Name of a service" value={search} onSearch={find} />
        )}
        <SegmentedControl
          aria-label="View"
          value={view ?? 'list'}
          onChange={(value) => change({ view: value === 'map' ? value : undefined })}
          data={VIEWS}
        />
      </div>
      <div className={surface.surface}>
        {view === 'map' ? (
          <ServiceMap />
        ) : (
          <Loaded
            query={query}
            rows={8}
            isEmpty={({ items }) => items.length === 0}
            empty={
              <EmptyState icon={IconTopologyStar3} title="No services in this time range">
                A service appears with its first span, metric or log line. <Link to="/get-started">Instrument one</Link>
                , or choose a longer range above.
              </EmptyState>
            }
          >
            {({ items }) => {
              const found = items.filter(({ service }) => service.toLowerCase().includes(search.toLowerCase()));
              if (found.length > 0) return <ServiceTable services={worstFirst(found)} full />;
              return <EmptyState icon={IconSearchOff} title="No service has such a name" />;
            }}
          </Loaded>
        )}
      </div>
    </Page>
  );
}
