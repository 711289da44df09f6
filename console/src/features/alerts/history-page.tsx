import { SegmentedControl } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import type { Alert, Episode, Page as PageOf } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useSearchState } from '../../app/search-state.ts';
import { FilterChip } from '../../components/filter-chip.tsx';
import { Page } from '../../components/page.tsx';
import { PagedList } from '../../components/paged-list.tsx';
import { EmptyState } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import { useTimeRange } from '../../time/use-time-range.ts';
import { AlertTabs, NewAlertButton } from './alert-tabs.tsx';
import { EpisodeTable } from './episode-table.tsx';

interface HistoryFilters {
  alert_id?: string | undefined;
  state?: string | undefined;
  severity?: string | undefined;
  service?: string | undefined;
}

/** Every time that an alert fired. */
export function HistoryPage() {
  const [{ alert_id, state, severity, service }, change] = useSearchState<HistoryFilters>();
  const [range] = useTimeRange();
  const pages = usePages<Episode>('api/alerts/history', { alert_id, state, severity, service, limit: 100 }, range);
  const { items } = pages;
  const alerts = useLiveQuery<PageOf<Alert>>('api/alerts', { limit: 200 });
  return (
    <Page title="Alert history" actions={<NewAlertButton />}>
      <AlertTabs />
      <div className={surface.bar}>
        <SegmentedControl
          aria-label="State"
          value={state ?? ''}
          onChange={(value) => change({ state: value })}
          data={[
            { value: '', label: 'All' },
            { value: 'firing', label: 'Firing' },
            { value: 'recovering', label: 'Recovering' },
            { value: 'resolved', label: 'Resolved' },
          ]}
        />
        {alert_id ? (
          <FilterChip
            name="alert"
            value={items?.[0]?.alert_name ?? alert_id}
            onRemove={() => change({ alert_id: undefined })}
          />
        ) : null}
        {service ? <FilterChip name="service" value={service} onRemove={() => change({ service: undefined })} /> : null}
        {severity ? (
          <FilterChip name="severity" value={severity} onRemove={() => change({ severity: undefined })} />
        ) : null}
      </div>
      <PagedList
        pages={pages}
        rows={8}
        more="Load older entries"
        empty={
          <EmptyState icon={IconHistory} title="Nothing fired in this time range">
            Each time an alert fires, it leaves an entry here with its course and whom it reached. Choose a longer range
            above to look further back.
          </EmptyState>
        }
      >
        {(items) => <EpisodeTable episodes={items} alerts={alerts.data?.items} />}
      </PagedList>
    </Page>
  );
}
