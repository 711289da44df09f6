import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { Labels } from '../../model/labels.ts';
import { type CompiledMatchers, compileMatchers, formatMatchers, sortMatchers } from './label-matchers.ts';

/** What a node of the tree says of itself; `undefined`: the parent's, or the default. */
export interface RouteSettings {
  readonly receiver: string | undefined;
  /** Label names, or `'...'` alone: every label. */
  readonly groupBy: readonly string[] | undefined;
  /** Milliseconds. */
  readonly groupWaitMs: number | undefined;
  readonly groupIntervalMs: number | undefined;
  /** 0: never. */
  readonly repeatIntervalMs: number | undefined;
  readonly matchers: readonly LabelMatcher[];
  readonly continue: boolean;
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly routes: readonly RouteSettings[];
}

/** A node with what it inherits. */
export interface RouteNode {
  /** Names the node by the matchers on the way to it: `{}/{owner="team-A"}`. */
  readonly key: string;
  readonly receiver: string;
  readonly groupBy: readonly string[];
  readonly groupsByAll: boolean;
  readonly groupWaitMs: number | undefined;
  readonly groupIntervalMs: number | undefined;
  readonly repeatIntervalMs: number | undefined;
  readonly matchers: CompiledMatchers;
  readonly continue: boolean;
  readonly muteTimeIntervals: readonly string[];
  readonly activeTimeIntervals: readonly string[];
  readonly routes: readonly RouteNode[];
}

/** The tree of a root that names a receiver. Throws an `Error` where a regular expression is wrong. */
export function buildRouteTree(settings: RouteSettings, parent?: RouteNode): RouteNode {
  const matchers = compileMatchers(sortMatchers(settings.matchers));
  const groupsByAll = settings.groupBy ? settings.groupBy.includes('...') : (parent?.groupsByAll ?? false);
  const own = {
    key: `${parent ? `${parent.key}/` : ''}${formatMatchers(matchers.matchers)}`,
    receiver: settings.receiver ?? parent?.receiver ?? '',
    groupBy: settings.groupBy ? (groupsByAll ? [] : settings.groupBy) : (parent?.groupBy ?? []),
    groupsByAll,
    groupWaitMs: settings.groupWaitMs ?? parent?.groupWaitMs,
    groupIntervalMs: settings.groupIntervalMs ?? parent?.groupIntervalMs,
    repeatIntervalMs: settings.repeatIntervalMs ?? parent?.repeatIntervalMs,
    matchers,
    continue: settings.continue,
    muteTimeIntervals: settings.muteTimeIntervals,
    activeTimeIntervals: settings.activeTimeIntervals,
  };
  const node: RouteNode = { ...own, routes: [] };
  return { ...own, routes: settings.routes.map((child) => buildRouteTree(child, node)) };
}

/**
 * The nodes that an alert ends at: the first child that matches takes it, `continue` lets later siblings see it, too,
 * and where no child does, the node itself. Empty where the root does not match.
 */
export function matchRoutes(node: RouteNode, labels: Labels): RouteNode[] {
  if (!node.matchers.matches(labels)) return [];
  const found: RouteNode[] = [];
  for (const child of node.routes) {
    const matches = matchRoutes(child, labels);
    found.push(...matches);
    if (matches.length > 0 && !child.continue) break;
  }
  return found.length > 0 ? found : [node];
}

/** The labels by which the node groups, with the alert's values. */
export function groupLabels(node: RouteNode, labels: Labels): Labels {
  if (node.groupsByAll) return labels;
  const chosen: Record<string, string> = {};
  for (const name of node.groupBy) if (labels[name] !== undefined) chosen[name] = labels[name];
  return chosen;
}
