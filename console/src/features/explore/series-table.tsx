import { lastValue } from '../../components/chart-data.ts';
import { Labels } from '../../components/labels.tsx';
import { Sideways } from '../../components/sideways.tsx';
import table from '../../components/table.module.css';
import classes from './explore-page.module.css';

interface SeriesTableProps {
  series: readonly { labels: Record<string, string>; points: readonly (readonly [number, number | null])[] }[];
  format: (value: number) => string;
}

const MOST_ROWS = 50;

/** The series of a chart with their newest value and bounds. */
export function SeriesTable({ series, format }: SeriesTableProps) {
  const show = (value: number | undefined) => (value === undefined ? '–' : format(value));
  return (
    <Sideways style={{ overflowX: 'auto', margin: '12px -14px -14px' }}>
      <table className={table.table}>
        <thead>
          <tr>
            <th scope="col">Series</th>
            <th scope="col" className={table.number}>
              Now
            </th>
            <th scope="col" className={table.number}>
              Least
            </th>
            <th scope="col" className={table.number}>
              Mean
            </th>
            <th scope="col" className={table.number}>
              Most
            </th>
          </tr>
        </thead>
        <tbody>
          {series.slice(0, MOST_ROWS).map(({ labels, points }, index) => {
            const values = points.flatMap(([, value]) => (value === null ? [] : [value]));
            const sum = values.reduce((total, value) => total + value, 0);
            return (
              <tr key={JSON.stringify(labels)}>
                <th scope="row">
                  <i
                    className={classes.mark}
                    style={{ background: `var(--series-${(index % 8) + 1})` }}
                    aria-hidden="true"
                  />
                  <Labels labels={labels} />
                </th>
                <td className={table.number}>{show(lastValue(points))}</td>
                <td className={table.number}>{show(values.length > 0 ? Math.min(...values) : undefined)}</td>
                <td className={table.number}>{show(values.length > 0 ? sum / values.length : undefined)}</td>
                <td className={table.number}>{show(values.length > 0 ? Math.max(...values) : undefined)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {series.length > MOST_ROWS ? (
        <p className="muted" style={{ padding: '0 14px' }}>
          The first {MOST_ROWS} of {series.length} series are shown. Combine them, or filter by a label.
        </p>
      ) : null}
    </Sideways>
  );
}
