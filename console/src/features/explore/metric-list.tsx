import { Button } from '@mantine/core';
import { IconChartLine } from '@tabler/icons-react';
import { useCallback, useState } from 'react';
import type { MetricItem, MetricsAnswer } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { SearchField } from '../../components/search-field.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { formatCount } from '../../format/number.ts';

/** Every metric that is stored. */
export function MetricList({ onChoose }: { onChoose: (metric: string) => void }) {
  const [search, setSearch] = useState('');
  const { query, items } = usePages<MetricItem, MetricsAnswer>('api/monitoring/metrics', { search, limit: 200 });
  const find = useCallback((text: string) => setSearch(text.trim()), []);
  return (
    <>
      <SearchField label="Search metrics" placeholder="Part of a name or help text" value={search} onSearch={find} />
      <div className={surface.surface}>
        {query.error && !items ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
        {!items && !query.error ? <LoadingRows rows={10} /> : null}
        {items?.length === 0 ? (
          <EmptyState icon={IconChartLine} title={search ? 'No metric matches' : 'No metrics yet'}>
            The first readings of the host arrive some seconds after the start.
          </EmptyState>
        ) : null}
        {items && items.length > 0 ? (
          <table className={table.table}>
            <thead>
              <tr>
                <th scope="col">Metric</th>
                <th scope="col" className={table.minor}>
                  What it says
                </th>
                <th scope="col">Type</th>
                <th scope="col" className={table.minor}>
                  Unit
                </th>
                <th scope="col" className={table.number}>
                  Series
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((item) => (
                <tr key={item.name}>
                  <th scope="row" className={table.tight}>
                    <button type="button" className={`${table.choose} mono`} onClick={() => onChoose(item.name)}>
                      {item.name}
                    </button>
                  </th>
                  <td className={`${table.wide} ${table.minor} muted`} title={item.help}>
                    {item.help}
                  </td>
                  <td className={`${table.tight} muted`}>{item.type}</td>
                  <td className={`${table.tight} ${table.minor} muted`}>{item.unit}</td>
                  <td className={table.number}>{formatCount(item.series_count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        ) : null}
        {query.hasNextPage ? (
          <div className={surface.more}>
            <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              Load more metrics
            </Button>
          </div>
        ) : null}
      </div>
    </>
  );
}
