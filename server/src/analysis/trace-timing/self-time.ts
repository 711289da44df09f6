import type { SpanNode } from './span-tree.ts';

/**
 * The time that a span spent by itself, in nanoseconds: its duration less the union of its children's intervals. What
 * of a child lies outside of the span (asynchronous work, skewed clocks) takes nothing away.
 */
export function selfTime(span: SpanNode): number {
  let covered = 0;
  let reached = span.start;
  for (const child of [...span.children].sort((a, b) => a.start - b.start)) {
    const start = Math.max(child.start, reached);
    const end = Math.min(child.end, span.end);
    if (end <= start) continue;
    covered += end - start;
    reached = end;
  }
  return span.end - span.start - covered;
}
