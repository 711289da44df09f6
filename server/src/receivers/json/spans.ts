import { itemKind } from './item-kind.ts';
import { spanItem } from './span-schema.ts';
import { toSpan } from './to-span.ts';

export const spans = itemKind({
  signal: 'spans',
  path: '/api/traces',
  summary: 'Store spans',
  description:
    '`{trace_id, span_id, parent_span_id?, service?, name, kind?, started_at, duration_ms, status?, status_message?, ' +
    'attributes?, resource?, scope_name?, events?, links?}`, the spans that `GET /api/traces/{trace_id}` shows.',
  schema: spanItem,
  translator: () => {
    const resources = new Map();
    return (item) => toSpan(item, resources);
  },
  write: (intake, items, options) => intake.writeSpans(items, options),
});
