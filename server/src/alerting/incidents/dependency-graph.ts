/** One service calls another. */
export interface Dependency {
  readonly source: string;
  readonly target: string;
}

/** How far causes are looked for: the fourth service behind one is hardly its cause. */
const MOST_HOPS = 4;
const MOST_REACHED = 200;

type Neighbours = ReadonlyMap<string, ReadonlySet<string>>;
/** Services with the way to them, both ends included; the nearest first. */
type Reached = ReadonlyMap<string, readonly string[]>;

/** Which services depend on which. */
export class DependencyGraph {
  readonly #callees: Neighbours;
  readonly #callers: Neighbours;
  readonly #below = new Map<string, Reached>();
  readonly #above = new Map<string, Reached>();

  constructor(dependencies: readonly Dependency[]) {
    const [callees, callers] = [new Map<string, Set<string>>(), new Map<string, Set<string>>()];
    for (const { source, target } of dependencies) {
      if (source === target) continue;
      add(callees, source, target);
      add(callers, target, source);
    }
    this.#callees = callees;
    this.#callers = callers;
  }

  /** What a service depends on, directly or through others. */
  below(service: string): Reached {
    return remembered(this.#below, service, this.#callees);
  }

  /** What depends on a service. */
  above(service: string): Reached {
    return remembered(this.#above, service, this.#callers);
  }
}

function add(map: Map<string, Set<string>>, key: string, value: string): void {
  const set = map.get(key);
  if (set) set.add(value);
  else map.set(key, new Set([value]));
}

function remembered(known: Map<string, Reached>, service: string, neighbours: Neighbours): Reached {
  const before = known.get(service);
  if (before) return before;
  const reached = reach(service, neighbours);
  known.set(service, reached);
  return reached;
}

function reach(start: string, neighbours: Neighbours): Reached {
  const reached = new Map<string, readonly string[]>();
  let edge: (readonly string[])[] = [[start]];
  for (let hop = 0; hop < MOST_HOPS && edge.length > 0; hop++) {
    const next: (readonly string[])[] = [];
    for (const path of edge) {
      for (const neighbour of neighbours.get(path.at(-1)!) ?? []) {
        if (neighbour === start || reached.has(neighbour) || reached.size >= MOST_REACHED) continue;
        const way = [...path, neighbour];
        reached.set(neighbour, way);
        next.push(way);
      }
    }
    edge = next;
  }
  return reached;
}
