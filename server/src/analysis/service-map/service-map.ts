import type { TimeRange } from '../../model/time-range.ts';
import type { Call, CallPeer, CallStore, RedFigures, RedStore } from '../../stores/telemetry/index.ts';
import { APDEX_TARGET_MS, type ServiceStatus, statusOf } from '../red/index.ts';
import { peerId } from './peer-id.ts';

export interface ServiceMapOptions {
  readonly calls: CallStore;
  readonly red: Pick<RedStore, 'services'>;
}

interface Red {
  readonly requestsPerSecond: number;
  /** `undefined` without requests. */
  readonly errorRatio: number | undefined;
  readonly latencyMs: RedFigures['latencyMs'] | undefined;
}

export interface MapNode extends Red {
  /** Unique on the map, and the same in every map. */
  readonly id: string;
  readonly kind: CallPeer['kind'];
  readonly name: string;
  readonly status: ServiceStatus;
}

export interface MapEdge extends Red {
  /** Ids of nodes. */
  readonly source: string;
  readonly target: string;
  readonly errorRatio: number;
  readonly latencyMs: RedFigures['latencyMs'];
}

interface MapOfServices {
  /** By id. */
  readonly nodes: readonly MapNode[];
  /** By source and target; both are among the nodes. */
  readonly edges: readonly MapEdge[];
  /** Share of the traces that edges, and nodes which are no services, were estimated from. */
  readonly sampledRatio: number;
}

export interface MapQuery {
  readonly environment?: string | undefined;
  readonly signal?: AbortSignal;
}

/** Who calls whom: services, what they use, and where requests come from. */
export class ServiceMap {
  readonly #options: ServiceMapOptions;

  constructor(options: ServiceMapOptions) {
    this.#options = options;
  }

  async read(range: TimeRange, query: MapQuery = {}): Promise<MapOfServices> {
    const { calls: store, red } = this.#options;
    const { environment, signal } = query;
    const options = { environment, apdexTargetMs: APDEX_TARGET_MS, ...(signal && { signal }) };
    const [graph, services] = await Promise.all([store.calls(range, options), red.services(range, options)]);
    const seconds = (range.end - range.start) / 1000;
    const nodes = new Map<string, MapNode>();
    // Whatever an edge ends at is on the map; those with figures take the place of those without.
    for (const peer of graph.calls.flatMap(({ source, target }) => [source, target]))
      add(nodeOf(peer, undefined, seconds));
    for (const peer of graph.peers) add(nodeOf(peer, peer, seconds));
    for (const figures of services) add(nodeOf({ kind: 'service', name: figures.service }, figures, seconds));
    const edges = graph.calls.map((call) => edgeOf(call, seconds));
    return {
      nodes: [...nodes.values()].sort((one, other) => compare(one.id, other.id)),
      edges: edges.sort((one, other) => compare(one.source, other.source) || compare(one.target, other.target)),
      sampledRatio: graph.sampledRatio,
    };

    function add(node: MapNode): void {
      nodes.set(node.id, node);
    }
  }
}

function nodeOf(peer: CallPeer, figures: RedFigures | undefined, seconds: number): MapNode {
  return {
    id: peerId(peer),
    kind: peer.kind,
    name: peer.name,
    status: statusOf(figures),
    requestsPerSecond: (figures?.requests ?? 0) / seconds,
    errorRatio: figures && figures.errors / figures.requests,
    latencyMs: figures?.latencyMs,
  };
}

function edgeOf(call: Call, seconds: number): MapEdge {
  return {
    source: peerId(call.source),
    target: peerId(call.target),
    requestsPerSecond: call.requests / seconds,
    errorRatio: call.errors / call.requests,
    latencyMs: call.latencyMs,
  };
}

function compare(one: string, other: string): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
