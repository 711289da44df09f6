import type { LogRecord } from '../../model/log-record.ts';
import type { PackedAttributes } from '../../model/packed-attributes.ts';
import type { Span, SpanEvent, SpanLink } from '../../model/span.ts';
import { onceEach } from '../once-each.ts';
import type { Stage } from '../stage.ts';
import type { RedactionRule } from './redaction-rule.ts';
import { Redactor } from './redactor.ts';

/** Takes secrets out of attributes, bodies and severity texts. */
export function redactLogs(rules: readonly RedactionRule[], hashKey: string): Stage<LogRecord> | undefined {
  if (rules.length === 0) return undefined;
  const redactor = new Redactor(rules, hashKey);
  return ({ onRedacted }) => {
    const attributes = (list: PackedAttributes) => redactor.attributes(list, onRedacted);
    const shared = onceEach(attributes);
    const scope = onceEach(attributes);
    return (record) => ({
      ...record,
      body: redactor.text(record.body, onRedacted),
      attributes: attributes(record.attributes),
      resourceAttributes: shared(record.resourceAttributes),
      ...(record.scopeAttributes && { scopeAttributes: scope(record.scopeAttributes) }),
    });
  };
}

/** Takes secrets out of attributes, names and messages, also of events and links. */
export function redactSpans(rules: readonly RedactionRule[], hashKey: string): Stage<Span> | undefined {
  if (rules.length === 0) return undefined;
  const redactor = new Redactor(rules, hashKey);
  return ({ onRedacted }) => {
    const text = (value: string) => redactor.text(value, onRedacted);
    const attributes = (list: PackedAttributes) => redactor.attributes(list, onRedacted);
    const shared = onceEach(attributes);
    const scope = onceEach(attributes);
    const event = (each: SpanEvent) => ({ ...each, name: text(each.name), attributes: attributes(each.attributes) });
    const link = (each: SpanLink) => ({ ...each, attributes: attributes(each.attributes) });
    return (span) => ({
      ...span,
      name: text(span.name),
      statusMessage: text(span.statusMessage),
      attributes: attributes(span.attributes),
      resourceAttributes: shared(span.resourceAttributes),
      ...(span.scopeAttributes && { scopeAttributes: scope(span.scopeAttributes) }),
      events: span.events.map(event),
      links: span.links.map(link),
    });
  };
}
