import { expect, it } from 'vitest';
import type { SpanItem } from '../../api-client/types.ts';
import { arrangeSpans } from './span-tree.ts';

function span(id: string, parent: string | null, start: number): SpanItem {
  return {
    span_id: id,
    parent_span_id: parent,
    service: 'gateway',
    name: id,
    kind: 'internal',
    started_at: '2026-01-05T12:00:00.000Z',
    start_offset_ms: start,
    duration_ms: 1,
    self_time_ms: 1,
    status: 'unset',
    status_message: null,
    attributes: {},
    resource: {},
    trace_state: '',
    flags: 0,
    resource_schema_url: '',
    scope_name: '',
    scope_version: '',
    scope_attributes: {},
    scope_schema_url: '',
    events: [],
    links: [],
    on_critical_path: false,
  };
}

const shape = (spans: SpanItem[]) => arrangeSpans(spans).map((row) => [row.span.span_id, row.depth, row.descendants]);

it('puts children below their parent, by start', () => {
  expect(shape([span('c', 'a', 5), span('b', 'a', 2), span('d', 'b', 3), span('a', null, 0)])).toEqual([
    ['a', 0, 3],
    ['b', 1, 1],
    ['d', 2, 0],
    ['c', 1, 0],
  ]);
});

it('shows spans without their parent as roots', () => {
  expect(shape([span('b', 'lost', 2), span('a', null, 0)])).toEqual([
    ['a', 0, 0],
    ['b', 0, 0],
  ]);
});

it('shows every span of a circle once', () => {
  expect(shape([span('a', 'b', 0), span('b', 'a', 1)]).map(([id]) => id)).toEqual(['a', 'b']);
  expect(shape([span('a', 'a', 0)])).toEqual([['a', 0, 0]]);
});
