import { RE2JS } from 're2js';
import type { ConfigMap } from '../lib/config-map.ts';
import { LOG_LEVELS, type LogRecord, lowestSeverityNumber } from '../model/log-record.ts';
import type { PackedAttributes } from '../model/packed-attributes.ts';
import type { Span } from '../model/span.ts';
import type { Stage } from './stage.ts';
import { type TextTest, textGlob } from './text-glob.ts';

/** True where an item has everything that one filter of the configuration asks for. */
type DropFilter<Item> = (item: Item) => boolean;
export type LogFilter = DropFilter<LogRecord>;
export type SpanFilter = DropFilter<Span>;

/** Leaves out what one of the filters matches. */
export function drop<Item extends object>(filters: readonly DropFilter<Item>[]): Stage<Item> | undefined {
  if (filters.length === 0) return undefined;
  return () => (item) => (filters.some((filter) => filter(item)) ? 'filter' : item);
}

/** `{service, severity_below, attributes, body}`; mistakes go where the map collects them. */
export function readLogFilters(map: ConfigMap, key: string): LogFilter[] {
  return (map.maps(key) ?? []).map((item) => {
    const level = item.oneOf('severity_below', LOG_LEVELS);
    const below = level && lowestSeverityNumber(level);
    const body = readRegex(item, 'body');
    return allOf(item, [
      readService(item),
      readAttributes(item),
      below === undefined ? undefined : ({ severityNumber: number }: LogRecord) => number > 0 && number < below,
      body && ((record: LogRecord) => body.matcher(record.body).find()),
    ]);
  });
}

/** `{service, name, attributes}`. */
export function readSpanFilters(map: ConfigMap, key: string): SpanFilter[] {
  return (map.maps(key) ?? []).map((item) => {
    const name = readGlob(item, 'name');
    return allOf(item, [readService(item), readAttributes(item), name && ((span: Span) => name(span.name))]);
  });
}

function allOf<Item>(map: ConfigMap, given: readonly (DropFilter<Item> | undefined)[]): DropFilter<Item> {
  map.refuseOthers();
  const conditions = given.filter((condition) => condition !== undefined);
  if (conditions.length === 0) map.fail('service', 'a filter without any condition would drop everything; give one');
  return (item) => conditions.every((condition) => condition(item));
}

function readService(map: ConfigMap): DropFilter<{ readonly service: string }> | undefined {
  const service = readGlob(map, 'service');
  return service && ((item) => service(item.service));
}

interface WithAttributes {
  readonly attributes: PackedAttributes;
  readonly resourceAttributes: PackedAttributes;
}

/** Each key has to be there, in the item's attributes or its resource's, with a value of that form. */
function readAttributes(map: ConfigMap): DropFilter<WithAttributes> | undefined {
  const wanted = Object.entries(map.textMap('attributes') ?? {}).map(([key, glob]) => ({ key, test: textGlob(glob) }));
  if (wanted.length === 0) return undefined;
  return ({ attributes, resourceAttributes }) =>
    wanted.every(({ key, test }) => {
      const value = attributes.get(key) ?? resourceAttributes.get(key);
      return value !== undefined && test(value);
    });
}

function readGlob(map: ConfigMap, key: string): TextTest | undefined {
  const glob = map.text(key);
  return glob === undefined ? undefined : textGlob(glob);
}

function readRegex(map: ConfigMap, key: string): RE2JS | undefined {
  const source = map.text(key);
  if (source === undefined) return undefined;
  try {
    return RE2JS.compile(source);
  } catch (error) {
    return map.fail(key, `"${source}" is no RE2 expression: ${(error as Error).message}`);
  }
}
