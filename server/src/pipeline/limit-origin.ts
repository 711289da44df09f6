import type { LogRecord } from '../model/log-record.ts';
import { limitShared } from './limit-attributes.ts';
import type { StageContext } from './stage.ts';
import { truncate } from './truncate.ts';

/** What spans and records say of where they come from. */
type Origin = Pick<
  LogRecord,
  | 'service'
  | 'resourceAttributes'
  | 'resourceSchemaUrl'
  | 'scopeName'
  | 'scopeVersion'
  | 'scopeAttributes'
  | 'scopeSchemaUrl'
>;

/** Gives an item's origin within its limits; `undefined` where nothing had to change. */
export function limitOrigin(context: StageContext): (item: Origin) => Origin | undefined {
  const { nameLength } = context.limits;
  const limitResource = limitShared(context);
  const limitScope = limitShared(context);
  const cut = (text: string) => truncate(text, nameLength, context.onTruncated);
  return (item) => {
    const { scopeAttributes, resourceSchemaUrl, scopeSchemaUrl } = item;
    const limitedResource = limitResource(item.resourceAttributes);
    const limitedScope = scopeAttributes && limitScope(scopeAttributes);
    const unchanged =
      limitedResource === item.resourceAttributes &&
      limitedScope === scopeAttributes &&
      longestText(item) <= nameLength;
    if (unchanged) return undefined;
    return {
      service: cut(item.service),
      resourceAttributes: limitedResource,
      scopeName: cut(item.scopeName),
      scopeVersion: cut(item.scopeVersion),
      ...(limitedScope && { scopeAttributes: limitedScope }),
      ...(resourceSchemaUrl !== undefined && { resourceSchemaUrl: cut(resourceSchemaUrl) }),
      ...(scopeSchemaUrl !== undefined && { scopeSchemaUrl: cut(scopeSchemaUrl) }),
    };
  };
}

function longestText(item: Origin): number {
  return Math.max(
    item.service.length,
    item.scopeName.length,
    item.scopeVersion.length,
    item.resourceSchemaUrl?.length ?? 0,
    item.scopeSchemaUrl?.length ?? 0,
  );
}
