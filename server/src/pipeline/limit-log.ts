import type { LogRecord } from '../model/log-record.ts';
import { limitAttributes } from './limit-attributes.ts';
import { limitOrigin } from './limit-origin.ts';
import type { Stage } from './stage.ts';
import { truncate } from './truncate.ts';

/** Cuts long texts of a record and leaves out surplus attributes. */
export const limitLog: Stage<LogRecord> = (context) => {
  const limitedOrigin = limitOrigin(context);
  const { bodyLength, nameLength } = context.limits;
  return (record) => {
    const origin = limitedOrigin(record);
    const attributes = limitAttributes(record.attributes, context);
    const { body, severityText, eventName } = record;
    const unchanged =
      origin === undefined &&
      attributes === record.attributes &&
      body.length <= bodyLength &&
      severityText.length <= nameLength &&
      (eventName === undefined || eventName.length <= nameLength);
    if (unchanged) return record;
    const cut = (text: string) => truncate(text, nameLength, context.onTruncated);
    return {
      ...record,
      ...origin,
      attributes,
      body: truncate(body, bodyLength, context.onTruncated),
      severityText: cut(severityText),
      ...(eventName !== undefined && { eventName: cut(eventName) }),
    };
  };
};
