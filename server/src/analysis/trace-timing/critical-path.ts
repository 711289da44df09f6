import type { SpanNode } from './span-tree.ts';

/**
 * The critical path: the spans that the duration of the whole depended on; making any other span faster changes
 * nothing.
 *
 * It is walked backwards from the end. A span waited last for the child that ended last: that child is on the path.
 * Before that child began, the span waited for the child that had ended last by then, and so on to the span's start; a
 * child that was still running when a later one began was not what the later one waited for. The same holds within
 * each child. Children are cut to the span's own interval, so that asynchronous work that outlives its caller counts
 * only as far as the caller's end; children wholly outside, and those without any duration, are not on the path.
 *
 * This is the definition of CRISP (Zhang et al., USENIX ATC 2022), with several tops (roots, spans without their
 * parent) taken as the children of one span that lasts as long as all of them.
 * https://www.usenix.org/conference/atc22/presentation/zhang-zhizhou
 */
export function criticalPath(tops: readonly SpanNode[]): Set<SpanNode> {
  const path = new Set<SpanNode>();
  const start = Math.min(...tops.map((top) => top.start));
  const end = Math.max(...tops.map((top) => top.end));
  // A trace of instants has no interval to walk: its tops are all there is.
  if (start === end) return new Set(tops);
  const waiting = waitedFor(tops, start, end);
  for (let wait = waiting.pop(); wait; wait = waiting.pop()) {
    path.add(wait.span);
    waiting.push(...waitedFor(wait.span.children, wait.start, wait.end));
  }
  return path;
}

interface Wait {
  readonly span: SpanNode;
  readonly start: number;
  readonly end: number;
}

/** The children that the time from `start` to `end` was spent waiting for, the last first. */
function waitedFor(children: readonly SpanNode[], start: number, end: number): Wait[] {
  const cut = children
    .map((span): Wait => ({ span, start: Math.max(span.start, start), end: Math.min(span.end, end) }))
    .filter((wait) => wait.end > wait.start)
    .sort((a, b) => b.end - a.end || a.start - b.start);
  const waits: Wait[] = [];
  let until = end;
  for (const wait of cut) {
    if (wait.end > until) continue;
    waits.push(wait);
    until = wait.start;
  }
  return waits;
}
