import { Button, MultiSelect, SegmentedControl, Select, Switch, TagsInput } from '@mantine/core';
import { IconBellPlus, IconBroadcast, IconChartLine, IconListTree, type TablerIcon } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { MetricHistory } from '../../api-client/types.ts';
import { useAnnotations } from '../../api-client/use-annotations.ts';
import { useCapability } from '../../api-client/use-capability.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { seriesNames } from '../../components/series-names.ts';
import { EmptyState, ErrorState, LoadingRows } from '../../components/states.tsx';
import { TimeSeriesChart } from '../../components/time-series-chart.tsx';
import { formatterFor } from '../../format/metric-unit.ts';
import { resolveRange, stepFor } from '../../time/time-range.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import classes from './explore-page.module.css';
import { LiveChart } from './live-chart.tsx';
import { MetricList } from './metric-list.tsx';
import { MetricSelect } from './metric-select.tsx';
import { MetricTabs } from './metric-tabs.tsx';
import { QueryBox } from './query-box.tsx';
import { QueryChart } from './query-chart.tsx';
import { QueryExplanation } from './query-explanation.tsx';
import { SeriesTable } from './series-table.tsx';

interface ExploreState {
  query?: string | undefined;
  metric?: string | undefined;
  by?: string | undefined;
  aggregate?: string | undefined;
  rate?: string | undefined;
  label?: string | undefined;
  /** `true`: the chart moves on with the service's events. */
  live?: string | undefined;
  /** `true`: says how the query was computed. */
  explain?: string | undefined;
}

type Change = (change: Partial<ExploreState>, replace?: boolean) => void;

/** Chart any metric, by choosing or in PromQL. */
export function ExplorePage() {
  const [state, change] = useSearchState<ExploreState>();
  const promql = useCapability('/api/v1/query_range');
  const navigate = useNavigate();
  const mode = state.query !== undefined && promql ? 'promql' : 'choose';
  const subject = mode === 'promql' ? { query: state.query } : { metric: state.metric };
  return (
    <Page
      title="Metrics"
      actions={
        <Button
          variant="default"
          leftSection={<IconBellPlus size={14} aria-hidden="true" />}
          disabled={!(subject.query || subject.metric)}
          onClick={() => void navigate({ to: '/alerts/new', search: subject })}
        >
          Alert on this
        </Button>
      }
    >
      <MetricTabs />
      {promql ? (
        <SegmentedControl
          aria-label="How to ask"
          className={classes.mode!}
          value={mode}
          onChange={(next) => change(next === 'promql' ? { query: state.metric || 'up' } : { query: undefined })}
          data={[
            { value: 'choose', label: 'Choose' },
            { value: 'promql', label: 'PromQL' },
          ]}
        />
      ) : null}
      {mode === 'promql' ? <PromqlView query={state.query!} state={state} onChange={change} /> : null}
      {mode === 'choose' ? <ChooseView state={state} onChange={change} /> : null}
    </Page>
  );
}

interface PromqlViewProps {
  query: string;
  state: ExploreState;
  onChange: Change;
}

function PromqlView({ query, state, onChange }: PromqlViewProps) {
  const [text, setText] = useState(query);
  const [range] = useTimeRange();
  const run = (wanted: string) => onChange({ query: wanted });
  const isExplained = state.explain === 'true';
  const format = formatterFor(
    query.match(/[a-zA-Z_:][\w:]*(?=\{|\[|\s*\)|$)/)?.[0] ?? '',
    /\b(rate|irate)\(/.test(query),
  );
  return (
    <>
      <form
        className={classes.promql}
        onSubmit={(event) => {
          event.preventDefault();
          run(text.trim());
        }}
      >
        <QueryBox value={text} onChange={setText} onRun={run} />
        <Button type="submit" size="sm">
          Run
        </Button>
      </form>
      <Panel
        title="Result"
        note={<code className="mono">{query}</code>}
        actions={
          <>
            <Toggle
              label="Explain"
              icon={IconListTree}
              isOn={isExplained}
              onToggle={(on) => onChange({ explain: on ? 'true' : undefined })}
            />
            <LiveToggle state={state} onChange={onChange} />
          </>
        }
      >
        {state.live === 'true' ? (
          <LiveChart query={query} label="Result of the query" format={format} height={340} />
        ) : (
          <QueryChart query={query} label="Result of the query" height={340} />
        )}
      </Panel>
      {isExplained ? <QueryExplanation query={query} range={range} /> : null}
    </>
  );
}

interface ToggleProps {
  label: string;
  icon: TablerIcon;
  isOn: boolean;
  onToggle: (on: boolean) => void;
}

function Toggle({ label, icon: Icon, isOn, onToggle }: ToggleProps) {
  return (
    <Button
      size="compact-sm"
      variant={isOn ? 'light' : 'default'}
      aria-pressed={isOn}
      leftSection={<Icon size={14} aria-hidden="true" />}
      onClick={() => onToggle(!isOn)}
    >
      {label}
    </Button>
  );
}

function LiveToggle({ state, onChange }: { state: ExploreState; onChange: Change }) {
  return (
    <Toggle
      label="Live"
      icon={IconBroadcast}
      isOn={state.live === 'true'}
      onToggle={(on) => onChange({ live: on ? 'true' : undefined })}
    />
  );
}

interface ChooseViewProps {
  state: ExploreState;
  onChange: Change;
}

function ChooseView({ state, onChange }: ChooseViewProps) {
  const [draft, setDraft] = useState(state.metric ?? '');
  const [shown, setShown] = useState(state.metric);
  if (shown !== state.metric) {
    setShown(state.metric);
    setDraft(state.metric ?? '');
  }
  const choose = (metric: string) => {
    setDraft(metric);
    onChange({ metric, by: undefined, label: undefined });
  };
  return (
    <>
      <div className={classes.bar}>
        <div className={classes.metric}>
          <MetricSelect value={draft} onChange={setDraft} onCommit={choose} />
        </div>
        <Select
          label="Combine by"
          placeholder="Every series"
          w={130}
          clearable
          data={['sum', 'avg', 'min', 'max', 'count']}
          value={state.aggregate ?? null}
          onChange={(aggregate) =>
            onChange({ aggregate: aggregate ?? undefined, by: aggregate ? state.by : undefined })
          }
        />
        <LabelChoice metric={state.metric} state={state} onChange={onChange} />
        <TagsInput
          label="Only with"
          placeholder="label=value, Enter"
          w={190}
          data={[]}
          value={state.label ? state.label.split('\n') : []}
          onChange={(labels) => onChange({ label: labels.filter((one) => one.includes('=')).join('\n') })}
        />
        <Switch
          label="Per second"
          size="sm"
          mt={26}
          checked={state.rate === 'true'}
          onChange={(event) => onChange({ rate: event.currentTarget.checked ? 'true' : undefined })}
        />
      </div>
      {state.metric ? <MetricView state={state} onChange={onChange} /> : <MetricList onChoose={choose} />}
    </>
  );
}

/** Which labels tell the groups apart: those that the metric has. */
function LabelChoice({ metric, state, onChange }: ChooseViewProps & { metric: string | undefined }) {
  const [range] = useTimeRange();
  const { data } = useLiveQuery<MetricHistory>(
    `api/monitoring/metrics/history/${encodeURIComponent(metric ?? '')}`,
    { step: stepFor(range) },
    { range, enabled: metric !== undefined && state.aggregate !== undefined, keep: false },
  );
  const names = [...new Set((data?.series ?? []).flatMap(({ labels }) => Object.keys(labels)))].sort();
  return (
    <MultiSelect
      label="For each"
      placeholder={state.by ? '' : 'All together'}
      w={160}
      disabled={!state.aggregate}
      data={names.filter((name) => name !== '__name__')}
      value={state.by ? state.by.split(',') : []}
      onChange={(by) => onChange({ by: by.join(',') })}
    />
  );
}

function MetricView({ state, onChange }: ChooseViewProps) {
  const [range, setRange] = useTimeRange();
  const annotations = useAnnotations(range);
  const metric = state.metric!;
  const query = useLiveQuery<MetricHistory>(
    `api/monitoring/metrics/history/${encodeURIComponent(metric)}`,
    {
      step: stepFor(range),
      aggregate: state.aggregate,
      by: state.aggregate && state.by ? state.by.split(',') : undefined,
      label: state.label ? state.label.split('\n') : undefined,
      rate: state.rate,
    },
    { range },
  );
  const format = formatterFor(metric, state.rate === 'true');
  const found = query.data?.series ?? [];
  const names = seriesNames(
    found.map(({ labels }) => labels),
    metric,
  );
  const series = found.map(({ points }, index) => ({ name: names[index]!, points }));
  return (
    <Panel
      title={metric}
      note={query.data ? `${series.length} series, every ${query.data.step_seconds} s` : undefined}
      actions={isPlain(state) ? <LiveToggle state={state} onChange={onChange} /> : undefined}
    >
      {query.error && !query.data ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : null}
      {!query.data && !query.error ? <LoadingRows rows={8} /> : null}
      {query.data && series.length === 0 ? (
        <EmptyState icon={IconChartLine} title="No data in this time range">
          No series fits. Remove a filter, or choose a longer range above.
        </EmptyState>
      ) : null}
      {query.data && series.length > 0 ? (
        <>
          {state.live === 'true' && isPlain(state) ? (
            <LiveChart query={metric} label={`Chart of ${metric}`} format={format} height={340} />
          ) : (
            <TimeSeriesChart
              label={`Chart of ${metric}`}
              series={series.slice(0, 50)}
              format={format}
              stepSeconds={query.data.step_seconds}
              range={resolveRange({ start: query.data.start, end: query.data.end }, 0)}
              height={340}
              annotations={annotations}
              onZoom={(start, end) =>
                setRange({ start: new Date(start).toISOString(), end: new Date(end).toISOString() })
              }
            />
          )}
          <SeriesTable series={query.data.series} format={format} />
        </>
      ) : null}
    </Panel>
  );
}

/** Whether the metric is shown as it is; what is combined or filtered is not followed live. */
function isPlain({ aggregate, rate, label, metric }: ExploreState): boolean {
  return !aggregate && !rate && !label && /^[a-zA-Z_:][\w:]*$/.test(metric ?? '');
}
