/** A route in the words of Alertmanager's configuration, as the service shows it. */
interface ShownRoute {
  receiver?: string;
  group_by?: string[];
  matchers?: string[];
  continue?: boolean;
  group_wait?: string;
  group_interval?: string;
  repeat_interval?: string;
  mute_time_intervals?: string[];
  active_time_intervals?: string[];
  routes?: ShownRoute[];
}

/** A route as it is drawn: with what it has from the routes above it. */
export interface RouteNode {
  /** As `route_key` of the tester. Twins among siblings share it. */
  key: string;
  matchers: string[];
  receiver: string;
  groupBy: string[];
  continues: boolean;
  /** What it says of times itself: `waits 10s`. */
  timings: string[];
  mutedIn: string[];
  activeIn: string[];
  children: RouteNode[];
}

export function readRoute(route: Readonly<Record<string, unknown>>): RouteNode {
  return nodeOf(route as ShownRoute, undefined);
}

function nodeOf(route: ShownRoute, parent: RouteNode | undefined): RouteNode {
  const matchers = route.matchers ?? [];
  const own = `{${matchers.join(',')}}`;
  const node: RouteNode = {
    key: parent ? `${parent.key}/${own}` : own,
    matchers,
    receiver: route.receiver ?? parent?.receiver ?? '',
    groupBy: route.group_by ?? parent?.groupBy ?? [],
    continues: route.continue ?? false,
    timings: [
      ...(route.group_wait === undefined ? [] : [`waits ${route.group_wait}`]),
      ...(route.group_interval === undefined ? [] : [`news every ${route.group_interval}`]),
      ...(route.repeat_interval === undefined ? [] : [`repeats every ${route.repeat_interval}`]),
    ],
    mutedIn: route.mute_time_intervals ?? [],
    activeIn: route.active_time_intervals ?? [],
    children: [],
  };
  node.children = (route.routes ?? []).map((child) => nodeOf(child, node));
  return node;
}

/** How often each receiver is named in the tree. */
export function countReceivers(node: RouteNode, counts = new Map<string, number>()): Map<string, number> {
  counts.set(node.receiver, (counts.get(node.receiver) ?? 0) + 1);
  for (const child of node.children) countReceivers(child, counts);
  return counts;
}
