import type { LogRecord } from '../../model/log-record.ts';
import { UNKNOWN_SERVICE } from '../../model/service.ts';
import { type LogItem, logItem } from './log-schema.ts';

const FIELDS = new Set(Object.keys(logItem.shape));
const NO_RESOURCE = {};

/** The record of an accepted item. `resources` keeps one resource object a service, as one batch has few. */
export function toLogRecord(
  item: LogItem,
  nowUnixNano: bigint,
  resources: Map<string, LogRecord['resourceAttributes']>,
): LogRecord {
  const service = item.service || UNKNOWN_SERVICE;
  return {
    timeUnixNano: item.timestamp ?? nowUnixNano,
    traceId: item.trace_id ?? '',
    spanId: item.span_id ?? '',
    severityNumber: item.level?.severityNumber ?? 0,
    severityText: item.level?.text ?? '',
    service,
    body: item.message,
    resourceAttributes: item.service ? resourceOf(service, resources) : NO_RESOURCE,
    scopeName: '',
    scopeVersion: '',
    attributes: attributesOf(item),
  };
}

function resourceOf(service: string, resources: Map<string, LogRecord['resourceAttributes']>) {
  let resource = resources.get(service);
  if (!resource) {
    resource = { 'service.name': service };
    resources.set(service, resource);
  }
  return resource;
}

/** Unknown fields, then `attributes`, which win. */
function attributesOf(item: LogItem): LogRecord['attributes'] {
  const entries = Object.entries(item).filter(([key, value]) => !FIELDS.has(key) && value !== undefined);
  if (item.attributes) entries.push(...Object.entries(item.attributes));
  return Object.fromEntries(entries.map(([key, value]) => [key, textOf(value)]));
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}
