import type { CloudEvent } from './cloud-event.ts';

/**
 * Which events are wanted, in the words of the CloudEvents Subscriptions API. Besides attributes, `data.` and a path
 * name what is inside of the data.
 */
export type EventFilter =
  | { readonly exact: Readonly<Record<string, string>> }
  | { readonly prefix: Readonly<Record<string, string>> }
  | { readonly suffix: Readonly<Record<string, string>> }
  | { readonly all: readonly EventFilter[] }
  | { readonly any: readonly EventFilter[] }
  | { readonly not: EventFilter };

export function matchesFilter(event: CloudEvent, filter: EventFilter): boolean {
  if ('all' in filter) return filter.all.every((part) => matchesFilter(event, part));
  if ('any' in filter) return filter.any.some((part) => matchesFilter(event, part));
  if ('not' in filter) return !matchesFilter(event, filter.not);
  if ('exact' in filter) return everyEntry(event, filter.exact, (value, wanted) => value === wanted);
  if ('prefix' in filter) return everyEntry(event, filter.prefix, (value, wanted) => value.startsWith(wanted));
  return everyEntry(event, filter.suffix, (value, wanted) => value.endsWith(wanted));
}

/** An attribute that the event does not have fits nothing. */
function everyEntry(
  event: CloudEvent,
  wanted: Readonly<Record<string, string>>,
  fits: (value: string, wanted: string) => boolean,
): boolean {
  return Object.entries(wanted).every(([name, text]) => {
    const value = fieldOf(event, name);
    return value !== undefined && fits(value, text);
  });
}

function fieldOf(event: CloudEvent, name: string): string | undefined {
  if (name.startsWith('data.')) return scalar(walk(event.data, name.slice('data.'.length).split('.')));
  const { id, source, type, subject, dataSchema, dataContentType } = event;
  const attributes: Readonly<Record<string, unknown>> = {
    ...event.extensions,
    ...{ id, source, type, subject, dataschema: dataSchema, datacontenttype: dataContentType },
  };
  return Object.hasOwn(attributes, name) ? scalar(attributes[name]) : undefined;
}

function walk(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}

function scalar(value: unknown): string | undefined {
  return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : undefined;
}

/** `com.espice.*`: a type of events, where `*` stands for anything. */
export function matchesType(type: string, pattern: string): boolean {
  const parts = pattern.split('*');
  if (parts.length === 1) return type === pattern;
  const [first, last] = [parts[0]!, parts.at(-1)!];
  if (!type.startsWith(first) || !type.endsWith(last) || type.length < first.length + last.length) return false;
  let from = first.length;
  const end = type.length - last.length;
  for (const part of parts.slice(1, -1)) {
    const found = type.indexOf(part, from);
    if (found < 0 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}
