import { Button, Select } from '@mantine/core';
import { IconFileText, IconSearchOff } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useCallback } from 'react';
import { faultOf } from '../../api-client/http.ts';
import type { LogItem, LogSearchResult, Page as PageOf } from '../../api-client/types.ts';
import { usePages } from '../../api-client/use-pages.ts';
import { useSearchState } from '../../app/search-state.ts';
import { EXAMPLES } from '../../components/example-commands.ts';
import { FilterChip } from '../../components/filter-chip.tsx';
import { Page } from '../../components/page.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import { formatCount, formatMilliseconds } from '../../format/number.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import { LogFacets } from './log-facets.tsx';
import { LEVELS, type LogFilters, logParameters, logPath, withField } from './log-filters.ts';
import { LogHistogram } from './log-histogram.tsx';
import { LogTable } from './log-table.tsx';
import classes from './logs-page.module.css';

const PAGE_SIZE = 200;

/** A search says how many there are; a plain listing does not. */
type LogAnswer = PageOf<LogItem> & Partial<Pick<LogSearchResult, 'total' | 'total_is_exact' | 'took_ms'>>;

/** Search and read logs. */
export function LogsPage() {
  const [filters, change] = useSearchState<LogFilters>();
  const [range] = useTimeRange();
  const { query, first, items } = usePages<LogItem, LogAnswer>(
    logPath(filters),
    { ...logParameters(filters), limit: PAGE_SIZE },
    range,
  );
  const search = useCallback((q: string) => change({ q: q.trim() }, true), [change]);
  const narrow = (field: string, value: string) => change({ q: withField(filters.q, field, value) });
  const fault = faultOf(query.error, 'q');
  const filtered = Boolean(filters.q || filters.level || filters.service || filters.trace_id);

  return (
    <Page title="Logs" note={describeResult(first)}>
      <div className={surface.bar}>
        <SearchField
          label="Search logs"
          placeholder='timeout "connection refused" level:error -health http.status_code:>499 /re.*gex/'
          value={filters.q ?? ''}
          onSearch={search}
          error={fault}
          mono
        />
        <Select
          aria-label="Lowest level"
          size="sm"
          w={170}
          data={LEVEL_CHOICES}
          value={filters.level ?? ''}
          onChange={(level) => change({ level: level ?? '' })}
          allowDeselect={false}
          checkIconPosition="right"
        />
      </div>
      {filters.service || filters.trace_id || isExact(filters.level) ? (
        <div className={surface.chips}>
          {isExact(filters.level) ? (
            <FilterChip name="level" value={filters.level!} onRemove={() => change({ level: undefined })} />
          ) : null}
          {filters.service ? (
            <FilterChip name="service" value={filters.service} onRemove={() => change({ service: undefined })} />
          ) : null}
          {filters.trace_id ? (
            <FilterChip name="trace" value={filters.trace_id} onRemove={() => change({ trace_id: undefined })} />
          ) : null}
        </div>
      ) : null}
      <LogHistogram filters={filters} />
      <div className={classes.columns}>
        <LogFacets filters={filters} onChange={change} />
        <div className={surface.surface}>
          {fault ? <EmptyState icon={IconSearchOff} title="This search cannot be read" /> : null}
          {query.error && !items && !fault ? (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} />
          ) : null}
          {!items && !query.error ? <LoadingRows rows={12} /> : null}
          {items?.length === 0 ? <NoLogs filtered={filtered} onClear={() => change(NO_FILTERS)} /> : null}
          {items && items.length > 0 ? <LogTable logs={items} onFilter={narrow} dense /> : null}
          {query.hasNextPage ? (
            <div className={surface.more}>
              <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
                Load older lines
              </Button>
            </div>
          ) : null}
        </div>
      </div>
    </Page>
  );
}

const NO_FILTERS: LogFilters = { q: undefined, level: undefined, service: undefined, trace_id: undefined };

const LEVEL_CHOICES = [
  { value: '', label: 'All levels' },
  ...LEVELS.slice(1).map((level) => ({
    value: `${level}+`,
    label: level === 'fatal' ? 'Fatal only' : `${level.charAt(0).toUpperCase()}${level.slice(1)} and above`,
  })),
  ...LEVELS.map((level) => ({ value: level, label: `Only ${level}` })),
];

function isExact(level: string | undefined): boolean {
  return level !== undefined && !level.endsWith('+');
}

function describeResult(answer: LogAnswer | undefined): string | null {
  if (answer?.total === undefined) return null;
  const took = answer.took_ms === undefined ? '' : ` in ${formatMilliseconds(answer.took_ms)}`;
  const count = formatCount(answer.total);
  return `${answer.total_is_exact === false ? 'more than ' : ''}${count} lines match${took}`;
}

function NoLogs({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (!filtered) {
    return (
      <EmptyState icon={IconFileText} title="No logs in this time range" snippet={EXAMPLES.log()}>
        Choose a longer range above, or <Link to="/get-started">send your first logs</Link>.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={IconSearchOff}
      title="Nothing matches"
      action={
        <Button variant="default" onClick={onClear}>
          Remove all filters
        </Button>
      }
    >
      All words of a search must occur in a line. Try fewer of them, or a longer time range above.
    </EmptyState>
  );
}
