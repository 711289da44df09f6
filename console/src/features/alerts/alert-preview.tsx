import { useDebouncedValue } from '@mantine/hooks';
import { IconChartLine } from '@tabler/icons-react';
import { Panel } from '../../components/panel.tsx';
import { EmptyState } from '../../components/states.tsx';
import { QueryChart } from '../explore/query-chart.tsx';
import type { AlertDraft } from './alert-draft.ts';
import { BacktestLine } from './backtest-line.tsx';

const CHARTLESS: readonly AlertDraft['watch'][] = ['logs', 'requests', 'silence', 'alerts', 'sql'];

/** What the alert would have seen over the global range. */
export function AlertPreview({ draft }: { draft: AlertDraft }) {
  const [query] = useDebouncedValue(watchedQuery(draft), 400);
  const threshold = draft.threshold === '' ? undefined : Number(draft.threshold);
  return (
    <Panel title="What it sees" note={query ? <code className="mono">{query}</code> : undefined}>
      {CHARTLESS.includes(draft.watch) ? (
        <>
          <p style={{ marginTop: 0 }} className="muted">
            What it would have done over the chosen time:
          </p>
          <BacktestLine draft={draft} />
        </>
      ) : query === '' ? (
        <EmptyState icon={IconChartLine} title="Nothing to show yet">
          Choose what to watch; its course appears here with the threshold as a line.
        </EmptyState>
      ) : (
        <>
          <QueryChart query={query} label="Preview of the watched value" threshold={threshold} height={260} />
          <BacktestLine draft={draft} />
        </>
      )}
    </Panel>
  );
}

function watchedQuery({ watch, metric, service, query }: AlertDraft): string {
  if (watch === 'query') return query.trim();
  if (watch === 'words') return query;
  if (watch !== 'metric' || metric === '') return '';
  return service === '' ? metric : `${metric}{service="${service.replace(/(["\\])/g, '\\$1')}"}`;
}
