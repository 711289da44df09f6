import type { StoredSpan } from '../../model/span.ts';

/** A span in its place. Times are nanoseconds since the start of the first span listed: exact in a double. */
export interface SpanNode {
  /** Place in the list that the tree was made of. */
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly children: SpanNode[];
}

/**
 * The spans of one trace by parent. At the top stand the roots, spans whose parent is missing, and, should broken ids
 * make a circle, the earliest span of it: every span is in the tree exactly once.
 */
export function spanTree(spans: readonly StoredSpan[]): SpanNode[] {
  const origin = spans[0]?.startTimeUnixNano ?? 0n;
  const nodes = spans.map((span, index): SpanNode => {
    const start = Number(span.startTimeUnixNano - origin);
    return { index, start, end: start + Number(span.durationNano), children: [] };
  });
  const byId = new Map(spans.map((span, index) => [span.spanId, nodes[index]!]));
  const parents = spans.map((span, index) => {
    const parent = byId.get(span.parentSpanId);
    return parent === nodes[index] ? undefined : parent;
  });
  for (const [index, parent] of parents.entries()) parent?.children.push(nodes[index]!);
  const tops = nodes.filter((_, index) => parents[index] === undefined);
  return [...tops, ...openCircles(nodes, parents, tops)];
}

/** Nodes that no top reaches go round in a circle: each circle is cut at its earliest node, which is returned. */
function openCircles(
  nodes: readonly SpanNode[],
  parents: readonly (SpanNode | undefined)[],
  tops: readonly SpanNode[],
): SpanNode[] {
  const reached = new Set<SpanNode>();
  for (const top of tops) reach(top, reached);
  if (reached.size === nodes.length) return [];
  const cuts: SpanNode[] = [];
  for (const node of [...nodes].sort((a, b) => a.start - b.start)) {
    if (reached.has(node)) continue;
    const siblings = parents[node.index]!.children;
    siblings.splice(siblings.indexOf(node), 1);
    cuts.push(node);
    reach(node, reached);
  }
  return cuts;
}

function reach(from: SpanNode, reached: Set<SpanNode>): void {
  const waiting = [from];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    reached.add(node);
    for (const child of node.children) waiting.push(child);
  }
}
