import { IconSearchOff, IconTarget } from '@tabler/icons-react';
import { useCallback } from 'react';
import type { Targets } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Badge } from '../../components/badges.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import { matching } from './by-trouble.ts';
import { TargetTable } from './target-table.tsx';

/** What the service scrapes, and how that goes. */
export function TargetsPage() {
  const [{ search = '' }, change] = useSearchState<{ search?: string | undefined }>();
  const query = useLiveQuery<{ data: Targets }>('api/v1/targets');
  const find = useCallback((text: string) => change({ search: text.trim() }, true), [change]);
  const down = query.data?.data.activeTargets.filter(({ health }) => health === 'down').length ?? 0;
  return (
    <Page title="Targets" note={down > 0 ? <Badge tone="critical">{`${down} down`}</Badge> : undefined}>
      <div className={surface.bar}>
        <SearchField label="Search targets" placeholder="Address or label" value={search} onSearch={find} />
      </div>
      <Loaded
        query={query}
        rows={8}
        isEmpty={({ data }) => Object.keys(data.droppedTargetCounts).length === 0}
        empty={
          <EmptyState icon={IconTarget} title="Nothing is scraped">
            Write jobs in Prometheus' own words under scrape_configs in system-service.yaml, then reload.
          </EmptyState>
        }
      >
        {({ data }) => <Jobs targets={data} search={search} />}
      </Loaded>
    </Page>
  );
}

function Jobs({ targets, search }: { targets: Targets; search: string }) {
  const found = matching(targets.activeTargets, search);
  if (found.length === 0 && search !== '') return <EmptyState icon={IconSearchOff} title="No such target" />;
  const jobs = Object.keys(targets.droppedTargetCounts).sort();
  return jobs.map((job) => {
    const own = found.filter(({ scrapePool }) => scrapePool === job);
    if (own.length === 0 && search !== '') return null;
    const up = own.filter(({ health }) => health === 'up').length;
    const dropped = targets.droppedTargetCounts[job] ?? 0;
    const note = `${up} of ${own.length} up${dropped > 0 ? `, ${dropped} left out by relabelling` : ''}`;
    return (
      <Panel key={job} title={job} note={note} flush>
        {own.length > 0 ? (
          <TargetTable targets={own} />
        ) : (
          <EmptyState icon={IconTarget} title="This job has no targets" />
        )}
      </Panel>
    );
  });
}
