import type { Cardinality } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { useSearchState } from '../../app/search-state.ts';
import { Fact } from '../../components/fact.tsx';
import { FilterChip } from '../../components/filter-chip.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { Loaded } from '../../components/states.tsx';
import surface from '../../components/surface.module.css';
import table from '../../components/table.module.css';
import { formatCount } from '../../format/number.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import classes from './cardinality-page.module.css';
import { MetricTabs } from './metric-tabs.tsx';

interface CardinalityState {
  metric?: string | undefined;
  label?: string | undefined;
}

/** Where the series come from: metrics with the most, labels with the most values, the values of one label. */
export function CardinalityPage() {
  const [{ metric, label }, change] = useSearchState<CardinalityState>();
  const [range] = useTimeRange();
  const query = useLiveQuery<Cardinality>(
    'api/monitoring/metrics/cardinality',
    { metric, label, limit: 30 },
    { range },
  );
  return (
    <Page title="Cardinality" note="of the series in this time range">
      <MetricTabs />
      {metric || label ? (
        <div className={surface.chips}>
          {metric ? <FilterChip name="metric" value={metric} onRemove={() => change({ metric: undefined })} /> : null}
          {label ? <FilterChip name="values of" value={label} onRemove={() => change({ label: undefined })} /> : null}
        </div>
      ) : null}
      <Loaded query={query} rows={10}>
        {(answer) => (
          <>
            <dl className={surface.facts}>
              <Fact name="Series">{formatCount(answer.series)}</Fact>
              <Fact name="Pairs of label and value">{formatCount(answer.label_pairs)}</Fact>
            </dl>
            <div className={classes.columns}>
              {metric ? null : (
                <Ranking
                  title="Metrics with the most series"
                  what="Metric"
                  rows={answer.metrics.map(({ name, series }) => ({
                    name,
                    share: series / answer.series,
                    numbers: [series],
                  }))}
                  numbers={['Series']}
                  onChoose={(name) => change({ metric: name })}
                />
              )}
              <Ranking
                title="Labels with the most values"
                what="Label"
                rows={answer.labels.map(({ name, values, series }) => ({
                  name,
                  share: values / Math.max(1, answer.labels[0]!.values),
                  numbers: [values, series],
                }))}
                numbers={['Values', 'Series']}
                onChoose={(name) => change({ label: name })}
              />
              {label ? (
                <Ranking
                  title={`Values of ${label}`}
                  what="Value"
                  rows={answer.values.map(({ value, series }) => ({
                    name: value,
                    share: series / answer.values[0]!.series,
                    numbers: [series],
                  }))}
                  numbers={['Series']}
                />
              ) : null}
            </div>
          </>
        )}
      </Loaded>
    </Page>
  );
}

interface RankingProps {
  title: string;
  what: string;
  rows: readonly { name: string; share: number; numbers: readonly number[] }[];
  numbers: readonly string[];
  onChoose?: (name: string) => void;
}

function Ranking({ title, what, rows, numbers, onChoose }: RankingProps) {
  return (
    <Panel title={title} flush>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">{what}</th>
            {numbers.map((name) => (
              <th key={name} scope="col" className={table.number}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <th scope="row" className={table.wide}>
                {onChoose ? (
                  <button type="button" className={`${table.choose} mono`} onClick={() => onChoose(row.name)}>
                    {row.name}
                  </button>
                ) : (
                  <span className="mono">{row.name || '(empty)'}</span>
                )}
                <span className={classes.bar} aria-hidden="true">
                  <i style={{ width: `${row.share * 100}%` }} />
                </span>
              </th>
              {row.numbers.map((number, index) => (
                <td key={numbers[index]} className={table.number}>
                  {formatCount(number)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
