import type { StoredSpan } from '../../model/span.ts';
import { criticalPath } from './critical-path.ts';
import { selfTime } from './self-time.ts';
import { type SpanNode, spanTree } from './span-tree.ts';

export interface SpanTiming {
  readonly selfTimeNano: number;
  readonly isOnCriticalPath: boolean;
}

/** For each span of one trace, in the order given: what it spent by itself, and whether the trace waited for it. */
export function traceTiming(spans: readonly StoredSpan[]): SpanTiming[] {
  const tops = spanTree(spans);
  const path = criticalPath(tops);
  const timing: SpanTiming[] = new Array(spans.length);
  const waiting: SpanNode[] = [...tops];
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    timing[node.index] = { selfTimeNano: selfTime(node), isOnCriticalPath: path.has(node) };
    for (const child of node.children) waiting.push(child);
  }
  return timing;
}
