import type { LogRecord } from '../model/log-record.ts';
import { limitAttributes, limitShared } from './limit-attributes.ts';
import type { Stage } from './stage.ts';
import { truncate } from './truncate.ts';

/** Cuts long texts of a record and leaves out surplus attributes. */
export const limitLog: Stage<LogRecord> = (context) => {
  const limitResource = limitShared(context);
  const { bodyLength, nameLength } = context.limits;
  return (record) => {
    const resourceAttributes = limitResource(record.resourceAttributes);
    const attributes = limitAttributes(record.attributes, context);
    const unchanged =
      resourceAttributes === record.resourceAttributes &&
      attributes === record.attributes &&
      record.body.length <= bodyLength &&
      longestText(record) <= nameLength;
    if (unchanged) return record;
    const cut = (text: string) => truncate(text, nameLength, context.onTruncated);
    return {
      ...record,
      resourceAttributes,
      attributes,
      body: truncate(record.body, bodyLength, context.onTruncated),
      severityText: cut(record.severityText),
      service: cut(record.service),
      scopeName: cut(record.scopeName),
      scopeVersion: cut(record.scopeVersion),
    };
  };
};

function longestText(record: LogRecord): number {
  return Math.max(
    record.severityText.length,
    record.service.length,
    record.scopeName.length,
    record.scopeVersion.length,
  );
}
