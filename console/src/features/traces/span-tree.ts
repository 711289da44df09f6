import type { SpanItem } from '../../api-client/types.ts';

/** A span in its place: `depth` levels down, with all that it caused counted. */
export interface SpanRow {
  span: SpanItem;
  depth: number;
  descendants: number;
  /** Ids of the spans above it. */
  ancestors: string[];
}

/**
 * Spans in reading order: each followed by its children, by start. A span whose parent is missing (late, lost
 * or not sampled) counts as a root; a circle of parents is cut where it is met.
 */
export function arrangeSpans(spans: readonly SpanItem[]): SpanRow[] {
  const ids = new Set(spans.map((span) => span.span_id));
  const children = new Map<string, SpanItem[]>();
  const roots: SpanItem[] = [];
  for (const span of [...spans].sort(byStart)) {
    const parent = span.parent_span_id;
    if (!parent || !ids.has(parent) || parent === span.span_id) roots.push(span);
    else children.set(parent, [...(children.get(parent) ?? []), span]);
  }
  const rows: SpanRow[] = [];
  const seen = new Set<string>();
  const visit = (span: SpanItem, depth: number, ancestors: string[]): number => {
    if (seen.has(span.span_id)) return 0;
    seen.add(span.span_id);
    const row: SpanRow = { span, depth, descendants: 0, ancestors };
    rows.push(row);
    for (const child of children.get(span.span_id) ?? []) {
      row.descendants += visit(child, depth + 1, [...ancestors, span.span_id]);
    }
    return row.descendants + 1;
  };
  for (const root of roots) visit(root, 0, []);
  for (const span of spans) visit(span, 0, []);
  return rows;
}

function byStart(a: SpanItem, b: SpanItem): number {
  return a.start_offset_ms - b.start_offset_ms || b.duration_ms - a.duration_ms;
}
