import { hash } from 'node:crypto';
import type { Labels } from '../../model/labels.ts';
import { labelsKey } from '../../model/labels.ts';
import type { AlertmanagerConfig } from '../alertmanager-config/config.ts';
import type { Receiver } from '../alertmanager-config/receivers.ts';
import { containsTime, type NamedInterval } from '../alertmanager-config/time-interval.ts';
import type { Timing } from '../grouping/decide.ts';
import type { DirectRecipients, RoutedAlert } from '../grouping/routed-alert.ts';
import { formatMatchers } from './label-matchers.ts';
import { buildRouteTree, groupLabels, matchRoutes, type RouteNode } from './route-tree.ts';

/** A receiver, or the recipients that a rule names. */
export type Target =
  | { readonly kind: 'receiver'; readonly receiver: Receiver }
  | { readonly kind: 'direct'; readonly direct: DirectRecipients };

/** One way that an alert goes: to whom, in which group, when. */
export interface Destination {
  readonly groupId: string;
  readonly routeKey: string;
  readonly receiver: string;
  readonly groupLabels: Labels;
  readonly groupBy: readonly string[];
}

/** What a group needs of the route that it came by. */
export interface GroupRoute {
  readonly target: Target;
  readonly timing: Timing;
  /** Ids or names of the escalation policies that the rule and the receiver have chosen. */
  readonly escalationPolicies: readonly string[];
  /** Name of the time interval that keeps the route quiet at a moment, or `undefined`. */
  mutedBy(at: number): string | undefined;
}

/** Where there is no configuration: one alert is told at once, what follows it at most once a minute, nothing twice. */
const BUILT_IN_TIMING: Timing = { waitMs: 0, criticalWaitMs: 0, intervalMs: 60_000, repeatMs: 0 };
/** Alertmanager's defaults; what is critical is told at once. */
const TIMING: Timing = { waitMs: 30_000, criticalWaitMs: 0, intervalMs: 300_000, repeatMs: 14_400_000 };

/** Receiver of everything where nothing is configured: the default recipients. */
const DEFAULT_RECEIVER: Receiver = { name: 'default', integrations: [], defaultRecipients: true };
const DIRECT_KEY = 'rule:';
/** Ways that are remembered; they are a few hundred bytes each. */
const MOST_DESTINATIONS = 1000;

/** Who hears of which alert, together with which others, and when: the tree of the configuration, ready for use. */
export class Routing {
  /** `undefined`: nothing is configured. */
  readonly config: AlertmanagerConfig | undefined;
  readonly root: RouteNode;
  readonly #nodes = new Map<string, RouteNode>();
  readonly #destinations = new Map<string, Destination>();
  readonly #receivers: ReadonlyMap<string, Receiver>;
  readonly #intervals: ReadonlyMap<string, NamedInterval>;

  constructor(config: AlertmanagerConfig | undefined) {
    this.config = config;
    this.root = buildRouteTree(config?.route ?? BUILT_IN_ROUTE);
    const receivers = config?.receivers ?? [DEFAULT_RECEIVER];
    this.#receivers = new Map(receivers.map((receiver) => [receiver.name, receiver]));
    this.#intervals = new Map((config?.timeIntervals ?? []).map((interval) => [interval.name, interval]));
    this.#remember(this.root);
  }

  get receivers(): Receiver[] {
    return [...this.#receivers.values()];
  }

  /** The nodes of the tree that take these labels, whatever a rule says itself. */
  match(labels: Labels): RouteNode[] {
    return matchRoutes(this.root, labels);
  }

  /** The nodes that take these labels, each with the matchers on the way to it and the labels of its group. */
  explain(labels: Labels): { readonly node: RouteNode; readonly path: readonly string[]; readonly grouped: Labels }[] {
    return this.match(labels).map((node) => ({
      node,
      path: pathTo(this.root, node)!.map(({ matchers }) => formatMatchers(matchers.matchers)),
      grouped: groupLabels(node, labels),
    }));
  }

  /** Every way that the alert goes. */
  destinations({ labels, ruleId, direct }: Pick<RoutedAlert, 'labels' | 'ruleId' | 'direct'>): Destination[] {
    if (direct) {
      const alertname = labels.alertname === undefined ? {} : { alertname: labels.alertname };
      return [destination(`${DIRECT_KEY}${ruleId}`, receiverOf(direct), alertname, ['alertname'])];
    }
    // Without a configuration, an alert is its own group: two with the same name have nothing in common.
    if (!this.config) {
      const grouped = groupLabels(this.root, labels);
      return [{ ...destination('{}', DEFAULT_RECEIVER.name, grouped, this.root.groupBy, ruleId) }];
    }
    return this.match(labels).map((node) => this.#destinationBy(node, groupLabels(node, labels)));
  }

  /** Made once for a group while many alerts of it come in: the hash of its name takes longer than finding it. */
  #destinationBy(node: RouteNode, grouped: Labels): Destination {
    const key = `${nodeId(node.key, node.receiver)}\u0000${labelsKey(grouped)}`;
    const known = this.#destinations.get(key);
    if (known) return known;
    const made = destination(node.key, node.receiver, grouped, node.groupsByAll ? ['...'] : node.groupBy);
    if (this.#destinations.size >= MOST_DESTINATIONS) this.#destinations.clear();
    this.#destinations.set(key, made);
    return made;
  }

  /** The receivers of `destinations`, in the same order, for less. */
  receiversOf({ labels, direct }: Pick<RoutedAlert, 'labels' | 'direct'>): string[] {
    if (direct) return [receiverOf(direct)];
    return this.config ? this.match(labels).map(({ receiver }) => receiver) : [DEFAULT_RECEIVER.name];
  }

  /**
   * Whether the alert goes by this group as things are. In one that it came by before the routes, or its labels, were
   * others it stays until those who were told there have heard of its end.
   */
  goesBy(
    group: { readonly routeKey: string; readonly receiver: string; readonly labels: Labels },
    { labels, ruleId, direct }: Pick<RoutedAlert, 'labels' | 'ruleId' | 'direct'>,
  ): boolean {
    const { routeKey, receiver } = group;
    if (direct) return routeKey === `${DIRECT_KEY}${ruleId}` && receiver === receiverOf(direct);
    if (!this.config) return routeKey === '{}' && receiver === DEFAULT_RECEIVER.name;
    return this.match(labels).some(
      (node) =>
        node.key === routeKey &&
        node.receiver === receiver &&
        labelsKey(groupLabels(node, labels)) === labelsKey(group.labels),
    );
  }

  /** `undefined` where the configuration has no such route, or another receiver there. */
  routeOf(
    group: { readonly routeKey: string; readonly receiver: string },
    direct: DirectRecipients | null,
  ): GroupRoute | undefined {
    if (group.routeKey.startsWith(DIRECT_KEY)) {
      const receiver = direct?.receiver ? this.#receivers.get(direct.receiver) : undefined;
      if (!direct || (direct.receiver && !receiver)) return undefined;
      const target: Target = receiver ? { kind: 'receiver', receiver } : { kind: 'direct', direct };
      const escalationPolicies = [direct.escalationPolicyId, receiver?.escalationPolicy].filter((one) => one != null);
      return { target, timing: this.#timing(this.root), escalationPolicies, mutedBy: () => undefined };
    }
    const node = this.#nodes.get(nodeId(group.routeKey, group.receiver));
    const receiver = node && this.#receivers.get(node.receiver);
    if (!receiver) return undefined;
    return {
      target: { kind: 'receiver', receiver },
      timing: this.#timing(node),
      escalationPolicies: receiver.escalationPolicy === undefined ? [] : [receiver.escalationPolicy],
      mutedBy: (at) => this.#mutedBy(node, at),
    };
  }

  timingOf(node: RouteNode): Timing {
    return this.#timing(node);
  }

  /** The timing of `routeOf`, for less. */
  timingOfGroup(
    group: { readonly routeKey: string; readonly receiver: string },
    direct: DirectRecipients | null,
  ): Timing | undefined {
    if (group.routeKey.startsWith(DIRECT_KEY)) return this.routeOf(group, direct)?.timing;
    const node = this.#nodes.get(nodeId(group.routeKey, group.receiver));
    return node && this.#receivers.has(node.receiver) ? this.#timing(node) : undefined;
  }

  mutedBy(node: RouteNode, at: number): string | undefined {
    return this.#mutedBy(node, at);
  }

  #timing(node: RouteNode): Timing {
    if (!this.config) return BUILT_IN_TIMING;
    return {
      waitMs: node.groupWaitMs ?? TIMING.waitMs,
      criticalWaitMs: node.groupWaitMs ?? TIMING.criticalWaitMs,
      intervalMs: node.groupIntervalMs ?? TIMING.intervalMs,
      repeatMs: node.repeatIntervalMs ?? TIMING.repeatMs,
    };
  }

  #mutedBy({ muteTimeIntervals, activeTimeIntervals }: RouteNode, at: number): string | undefined {
    const holds = (name: string) => containsTime(this.#intervals.get(name)!, at);
    const muting = muteTimeIntervals.find(holds);
    if (muting !== undefined || activeTimeIntervals.length === 0) return muting;
    return activeTimeIntervals.some(holds) ? undefined : activeTimeIntervals[0];
  }

  /** Of nodes with the same matchers and receiver the first counts. */
  #remember(node: RouteNode): void {
    const id = nodeId(node.key, node.receiver);
    if (!this.#nodes.has(id)) this.#nodes.set(id, node);
    for (const child of node.routes) this.#remember(child);
  }
}

const BUILT_IN_ROUTE = {
  receiver: DEFAULT_RECEIVER.name,
  groupBy: ['alertname'],
  groupWaitMs: undefined,
  groupIntervalMs: undefined,
  repeatIntervalMs: undefined,
  matchers: [],
  continue: false,
  muteTimeIntervals: [],
  activeTimeIntervals: [],
  routes: [],
};

function receiverOf({ receiver }: DirectRecipients): string {
  return receiver ?? 'direct';
}

function pathTo(from: RouteNode, node: RouteNode): RouteNode[] | undefined {
  if (from === node) return [from];
  for (const child of from.routes) {
    const rest = pathTo(child, node);
    if (rest) return [from, ...rest];
  }
  return undefined;
}

function nodeId(key: string, receiver: string): string {
  return `${key}\u0000${receiver}`;
}

function destination(
  routeKey: string,
  receiver: string,
  grouped: Labels,
  groupBy: readonly string[],
  apart = '',
): Destination {
  const groupId = hash('sha256', [routeKey, receiver, apart, labelsKey(grouped)].join('\u0000')).slice(0, 24);
  return { groupId, routeKey, receiver, groupLabels: grouped, groupBy };
}
