import {
  IconAlertOctagonFilled,
  IconAlertTriangleFilled,
  IconBox,
  IconDatabase,
  IconMailbox,
  IconTopologyStar3,
  IconUser,
  IconWorld,
} from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';
import type { ServiceMap as ServiceMapAnswer } from '../../api-client/types.ts';
import { useLiveQuery } from '../../api-client/use-live-query.ts';
import { EmptyState, Loaded } from '../../components/states.tsx';
import { formatMilliseconds, formatPerSecond, formatRatio } from '../../format/number.ts';
import { useTimeRange } from '../../time/use-time-range.ts';
import { layOut, type MapPlace } from './map-layout.ts';
import classes from './service-map.module.css';

type Node = ServiceMapAnswer['nodes'][number];
type Edge = ServiceMapAnswer['edges'][number];

const ICONS = {
  service: IconBox,
  database: IconDatabase,
  queue: IconMailbox,
  external: IconWorld,
  user: IconUser,
};
const WIDTH = 212;
const HEIGHT = 62;
const GAP_X = 84;
const GAP_Y = 22;
const MARGIN = 18;
/** How far calls back reach below their nodes. */
const BELOW = 44;

/** Who calls whom over the global range: callers to the left, what they need to the right. */
export function ServiceMap() {
  const [range] = useTimeRange();
  const query = useLiveQuery<ServiceMapAnswer>('api/monitoring/service-map', {}, { range });
  return (
    <Loaded
      query={query}
      rows={8}
      isEmpty={({ nodes }) => nodes.length === 0}
      empty={
        <EmptyState icon={IconTopologyStar3} title="No calls in this time range">
          The map is drawn from the spans of calls between services, databases and queues.{' '}
          <Link to="/get-started">Instrument a service</Link>, or choose a longer range above.
        </EmptyState>
      }
    >
      {(map) => <Drawing map={map} />}
    </Loaded>
  );
}

function Drawing({ map }: { map: ServiceMapAnswer }) {
  const [looked, setLooked] = useState<string>();
  const places = useMemo(
    () =>
      layOut(
        map.nodes.map(({ id }) => id),
        map.edges,
      ),
    [map],
  );
  const columns = Math.max(...[...places.values()].map(({ column }) => column)) + 1;
  const heights = new Map<number, number>();
  for (const { column } of places.values()) heights.set(column, (heights.get(column) ?? 0) + 1);
  const tallest = Math.max(...heights.values());
  const closesCircle = map.edges.some(({ source, target }) => {
    return (places.get(target)?.column ?? 0) <= (places.get(source)?.column ?? 0);
  });
  const height = tallest * (HEIGHT + GAP_Y) - GAP_Y + 2 * MARGIN + (closesCircle ? BELOW / 2 : 0);
  const width = columns * (WIDTH + GAP_X) - GAP_X + 2 * MARGIN;
  const at = ({ column, row }: MapPlace) => ({
    x: MARGIN + column * (WIDTH + GAP_X),
    y: MARGIN + row * (HEIGHT + GAP_Y) + ((tallest - heights.get(column)!) * (HEIGHT + GAP_Y)) / 2,
  });
  const positions = new Map([...places].map(([id, place]) => [id, at(place)]));
  const touched = new Set(
    map.edges
      .filter(({ source, target }) => source === looked || target === looked)
      .flatMap((e) => [e.source, e.target]),
  );
  const isDim = (id: string) => looked !== undefined && id !== looked && !touched.has(id);
  return (
    <div className={classes.scroll}>
      <div className={classes.drawing} style={{ width, height }}>
        <svg width={width} height={height} aria-hidden="true">
          {map.edges.map((edge) => (
            <Call
              key={`${edge.source} ${edge.target}`}
              edge={edge}
              from={positions.get(edge.source)}
              to={positions.get(edge.target)}
              state={
                looked === undefined ? undefined : edge.source === looked || edge.target === looked ? 'looked' : 'dim'
              }
            />
          ))}
        </svg>
        <ul aria-label="Services and what they need">
          {map.nodes.map((node) => {
            const { x, y } = positions.get(node.id)!;
            return (
              <li
                key={node.id}
                className={classes.node}
                data-status={node.status}
                data-dim={isDim(node.id)}
                style={{ left: x, top: y, width: WIDTH, height: HEIGHT }}
                onPointerEnter={() => setLooked(node.id)}
                onPointerLeave={() => setLooked(undefined)}
                onFocus={() => setLooked(node.id)}
                onBlur={() => setLooked(undefined)}
              >
                <NodeCard node={node} calls={map.edges.filter(({ source }) => source === node.id)} />
              </li>
            );
          })}
        </ul>
      </div>
      {map.sampled_ratio < 1 ? (
        <p className={classes.note}>Estimated from {formatRatio(map.sampled_ratio)} of the traces.</p>
      ) : null}
    </div>
  );
}

function NodeCard({ node, calls }: { node: Node; calls: readonly Edge[] }) {
  const Icon = ICONS[node.kind];
  return (
    <>
      <div className={classes.name}>
        <Icon size={15} stroke={1.7} aria-hidden="true" />
        {node.kind === 'service' ? (
          <Link to="/services/$service" params={{ service: node.name }} title={node.name}>
            {node.name}
          </Link>
        ) : (
          <span title={node.name}>{node.name}</span>
        )}
        {node.status === 'unhealthy' ? (
          <IconAlertOctagonFilled size={15} className={classes.status} aria-label="Unhealthy" />
        ) : null}
        {node.status === 'degraded' ? (
          <IconAlertTriangleFilled size={15} className={classes.status} aria-label="Degraded" />
        ) : null}
      </div>
      <div className={classes.figures}>
        <span>{formatPerSecond(node.requests_per_second)}</span>
        {node.error_ratio === null ? null : (
          <span data-bad={node.error_ratio > 0.01}>{formatRatio(node.error_ratio)} errors</span>
        )}
        {node.latency_ms ? <span>{formatMilliseconds(node.latency_ms.p95)}</span> : null}
      </div>
      {calls.length > 0 ? (
        <span className="visually-hidden">
          calls{' '}
          {calls
            .map(({ target, error_ratio, requests_per_second }) => {
              return `${target} ${formatPerSecond(requests_per_second)}, ${formatRatio(error_ratio)} errors`;
            })
            .join('; ')}
        </span>
      ) : null}
    </>
  );
}

interface CallProps {
  edge: Edge;
  from: { x: number; y: number } | undefined;
  to: { x: number; y: number } | undefined;
  state: 'looked' | 'dim' | undefined;
}

/** A curve from the right of the caller to the left of the callee; back below both where a circle closes. */
function Call({ edge, from, to, state }: CallProps) {
  if (!from || !to) return null;
  const width = Math.min(5, 1.2 + Math.log10(1 + edge.requests_per_second));
  const isBack = to.x <= from.x;
  const [x1, y1] = isBack ? [from.x + WIDTH / 2, from.y + HEIGHT] : [from.x + WIDTH, from.y + HEIGHT / 2];
  const [x2, y2] = isBack ? [to.x + WIDTH / 2, to.y + HEIGHT] : [to.x, to.y + HEIGHT / 2];
  const bend = Math.max(36, (x2 - x1) / 2);
  const low = Math.max(y1, y2) + BELOW;
  const line = isBack
    ? `M${x1} ${y1} C${x1} ${low} ${x2} ${low} ${x2} ${y2 + 7}`
    : `M${x1} ${y1} C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 7} ${y2}`;
  const tip = isBack ? `M${x2} ${y2} l-4.5 8 h9 z` : `M${x2} ${y2} l-8 -4.5 v9 z`;
  return (
    <g className={classes.call} data-state={state} data-bad={edge.error_ratio > 0.01}>
      <path d={line} strokeWidth={width} fill="none" />
      <path d={tip} className={classes.tip} />
      {state === 'looked' ? (
        <text x={(x1 + x2) / 2} y={isBack ? low - 12 : (y1 + y2) / 2 - 6} textAnchor="middle">
          {formatPerSecond(edge.requests_per_second)}, {formatMilliseconds(edge.latency_ms.p95)}
        </text>
      ) : null}
    </g>
  );
}
