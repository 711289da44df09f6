import { SegmentedControl } from '@mantine/core';
import { IconMoodSmile } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { UnusedMetrics } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Page } from '../../components/page.tsx';
import { EmptyState, Loaded } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { RelativeTime } from '../../components/times.tsx';
import { formatCount } from '../../format/number.ts';
import { MetricTabs } from './metric-tabs.tsx';

const PERIODS = [
  { value: '1', label: '1 day' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
];

/** Metrics that are stored and that nobody asks for. */
export function UnusedPage() {
  const [{ days = '30' }, change] = useSearchState<{ days?: string | undefined }>();
  const query = useLiveQuery<UnusedMetrics>('api/monitoring/metrics/unused', { days, limit: 200 });
  const { data } = query;
  return (
    <Page
      title="Unused metrics"
      note={data ? `${formatCount(data.metrics)} metrics with ${formatCount(data.series)} series` : undefined}
    >
      <MetricTabs />
      <div className={surface.bar}>
        <SegmentedControl
          aria-label="Not used for"
          value={days}
          data={PERIODS}
          onChange={(value) => change({ days: value })}
        />
        {data ? (
          <p className="muted" style={{ margin: '6px 4px', fontSize: '0.8125rem' }}>
            Asked for by no query and no rule. Uses are known since <RelativeTime time={data.observed_since} />.
          </p>
        ) : null}
      </div>
      <div className={surface.surface}>
        <Loaded
          query={query}
          rows={10}
          isEmpty={({ items }) => items.length === 0}
          empty={<EmptyState icon={IconMoodSmile} title="Every metric is used" />}
        >
          {({ items }) => (
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">Metric</th>
                  <th scope="col" className={table.minor}>
                    What it says
                  </th>
                  <th scope="col" className={table.minor}>
                    Type
                  </th>
                  <th scope="col" className={table.number}>
                    Series
                  </th>
                  <th scope="col">Last used</th>
                </tr>
              </thead>
              <tbody>
                {items.map((item) => (
                  <tr key={item.name}>
                    <th scope="row" className={`${table.tight} mono`}>
                      <Link to="/explore" search={{ metric: item.name }}>
                        {item.name}
                      </Link>
                    </th>
                    <td className={`${table.wide} ${table.minor} muted`} title={item.help}>
                      {item.help}
                    </td>
                    <td className={`${table.tight} ${table.minor} muted`}>{item.type}</td>
                    <td className={table.number}>{formatCount(item.series_count)}</td>
                    <td className={`${table.tight} muted`}>
                      <RelativeTime time={item.last_used} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Loaded>
      </div>
    </Page>
  );
}
