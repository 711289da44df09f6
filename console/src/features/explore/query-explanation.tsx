import type { Explanation } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { Panel } from '../../components/panel.tsx';
import { Loaded } from '../../components/states.tsx';
import table from '../../components/table.module.css';
import { formatCount, formatMilliseconds } from '../../format/number.ts';
import { stepFor, type TimeRange } from '../../time/time-range.ts';
import classes from './query-explanation.module.css';

type Part = Explanation['nodes'][number] & { depth: number };

/** What each part of a query gives and takes, run once over the range. */
export function QueryExplanation({ query, range }: { query: string; range: TimeRange }) {
  const explained = useLiveQuery<Explanation>(
    'api/monitoring/metrics/explain',
    { query, start: range.start, end: range.end, step: stepFor(range) },
    { keep: false },
  );
  const { data } = explained;
  return (
    <Panel
      title="How it was computed"
      note={data ? `${formatMilliseconds(data.elapsed_ms)}, ${formatCount(data.samples_read)} samples read` : undefined}
      flush
    >
      <Loaded query={explained}>
        {(answer) => (
          <>
            <table className={table.table}>
              <thead>
                <tr>
                  <th scope="col">Part</th>
                  <th scope="col" className={table.number}>
                    Series
                  </th>
                  <th scope="col" className={`${table.number} ${table.minor}`}>
                    Points
                  </th>
                  <th scope="col" className={`${table.number} ${table.minor}`}>
                    Samples read
                  </th>
                  <th scope="col">Time</th>
                </tr>
              </thead>
              <tbody>
                {withDepth(answer.nodes).map((part, index) => (
                  // biome-ignore lint/suspicious/noArrayIndexKey: a query may name the same part twice
                  <PartRow key={index} part={part} whole={answer.nodes[0]?.elapsed_ms ?? answer.elapsed_ms} />
                ))}
              </tbody>
            </table>
            <Remarks remarks={[...answer.warnings, ...answer.infos]} />
          </>
        )}
      </Loaded>
    </Panel>
  );
}

function PartRow({ part, whole }: { part: Part; whole: number }) {
  const share = part.elapsed_ms === null || whole === 0 ? 0 : Math.min(1, part.elapsed_ms / whole);
  return (
    <tr>
      <th scope="row" className={table.wide}>
        <span className={classes.part} style={{ paddingLeft: part.depth * 18 }}>
          {part.depth > 0 ? <span className={classes.bend} aria-hidden="true" /> : null}
          <code className={classes.text} title={part.text}>
            {part.text}
          </code>
          <span className={classes.kind}>{part.kind.replaceAll('-', ' ')}</span>
        </span>
      </th>
      <td className={table.number}>{part.type === 'scalar' ? '–' : formatCount(part.series)}</td>
      <td className={`${table.number} ${table.minor}`}>{part.points === 0 ? '–' : formatCount(part.points)}</td>
      <td className={`${table.number} ${table.minor}`}>
        {part.samples_read === 0 ? '–' : formatCount(part.samples_read)}
      </td>
      <td className={table.tight}>
        {part.elapsed_ms === null ? (
          <span className="faint">in the part above</span>
        ) : (
          <span className={classes.time}>
            <span className={classes.bar}>
              <i style={{ width: `${share * 100}%` }} />
            </span>
            {formatMilliseconds(part.elapsed_ms)}
          </span>
        )}
      </td>
    </tr>
  );
}

function Remarks({ remarks }: { remarks: readonly string[] }) {
  if (remarks.length === 0) return null;
  return (
    <ul className={classes.remarks} aria-label="Remarks">
      {remarks.map((remark) => (
        <li key={remark}>{remark}</li>
      ))}
    </ul>
  );
}

function withDepth(nodes: Explanation['nodes']): Part[] {
  const depths: number[] = [];
  return nodes.map((node) => {
    const depth = node.parent === null ? 0 : depths[node.parent]! + 1;
    depths.push(depth);
    return { ...node, depth };
  });
}
