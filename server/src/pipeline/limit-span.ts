import type { Span, SpanEvent, SpanLink } from '../model/span.ts';
import { limitAttributes } from './limit-attributes.ts';
import { limitOrigin } from './limit-origin.ts';
import type { Stage, StageContext } from './stage.ts';
import { truncate } from './truncate.ts';

/** Cuts long texts of a span and leaves out surplus attributes, events and links. */
export const limitSpan: Stage<Span> = (context) => {
  const limitedOrigin = limitOrigin(context);
  return (span) => {
    const origin = limitedOrigin(span);
    const attributes = limitAttributes(span.attributes, context);
    const events = limitList(span.events, limitEvent, context);
    const links = limitList(span.links, limitLink, context);
    const unchanged =
      origin === undefined &&
      attributes === span.attributes &&
      events === span.events &&
      links === span.links &&
      longestText(span) <= context.limits.nameLength;
    if (unchanged) return span;
    const cut = (text: string) => truncate(text, context.limits.nameLength, context.onTruncated);
    return {
      ...span,
      ...origin,
      attributes,
      events,
      links,
      name: cut(span.name),
      statusMessage: cut(span.statusMessage),
      traceState: cut(span.traceState),
    };
  };
};

function longestText(span: Span): number {
  return Math.max(span.name.length, span.statusMessage.length, span.traceState.length);
}

function limitEvent(event: SpanEvent, context: StageContext): SpanEvent {
  const attributes = limitAttributes(event.attributes, context);
  const name = truncate(event.name, context.limits.nameLength, context.onTruncated);
  return attributes === event.attributes && name === event.name ? event : { ...event, attributes, name };
}

function limitLink(link: SpanLink, context: StageContext): SpanLink {
  const attributes = limitAttributes(link.attributes, context);
  const traceState = truncate(link.traceState, context.limits.nameLength, context.onTruncated);
  return attributes === link.attributes && traceState === link.traceState ? link : { ...link, attributes, traceState };
}

/** The very same list where nothing had to change. */
function limitList<Item>(
  list: readonly Item[],
  limit: (item: Item, context: StageContext) => Item,
  context: StageContext,
): readonly Item[] {
  const most = context.limits.eventCount;
  for (let index = most; index < list.length; index++) context.onTruncated();
  const kept = list.length > most ? list.slice(0, most) : list;
  let changed: Item[] | undefined;
  for (const [index, item] of kept.entries()) {
    const limited = limit(item, context);
    if (limited === item) continue;
    changed ??= [...kept];
    changed[index] = limited;
  }
  return changed ?? kept;
}
