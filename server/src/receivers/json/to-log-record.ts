import { packAttributes } from '../../model/attribute-packer.ts';
import type { LogRecord } from '../../model/log-record.ts';
import { NO_ATTRIBUTES, type PackedAttributes } from '../../model/packed-attributes.ts';
import { UNKNOWN_SERVICE } from '../../model/service.ts';
import { packJson } from './attribute-text.ts';
import { type LogItem, logItem } from './log-schema.ts';

const FIELDS = new Set(Object.keys(logItem.shape));

/** The record of an accepted item. `resources` keeps one resource object a service, as one batch has few. */
export function toLogRecord(item: LogItem, nowUnixNano: bigint, resources: Map<string, PackedAttributes>): LogRecord {
  const service = item.service || UNKNOWN_SERVICE;
  return {
    timeUnixNano: item.timestamp ?? nowUnixNano,
    traceId: item.trace_id ?? '',
    spanId: item.span_id ?? '',
    severityNumber: item.level?.severityNumber ?? 0,
    severityText: item.level?.text ?? '',
    service,
    body: item.message,
    resourceAttributes: item.service ? resourceOf(service, resources) : NO_ATTRIBUTES,
    scopeName: '',
    scopeVersion: '',
    attributes: attributesOf(item),
  };
}

function resourceOf(service: string, resources: Map<string, PackedAttributes>) {
  let resource = resources.get(service);
  if (!resource) {
    resource = packAttributes({ 'service.name': service });
    resources.set(service, resource);
  }
  return resource;
}

/** Unknown fields, then `attributes`, which win. */
function attributesOf(item: LogItem): PackedAttributes {
  const entries = Object.entries(item).filter(([key, value]) => !FIELDS.has(key) && value !== undefined);
  if (item.attributes) entries.push(...Object.entries(item.attributes));
  return packJson(entries);
}
