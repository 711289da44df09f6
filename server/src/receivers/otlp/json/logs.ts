import { AttributePacker } from '../../../model/attribute-packer.ts';
import type { LogRecord } from '../../../model/log-record.ts';
import { RejectionTally } from '../../../pipeline/index.ts';
import type { Decoded } from '../decoded.ts';
import { packDropped } from '../dropped.ts';
import { ItemBudget } from '../item-budget.ts';
import { emptyLogDraft, finishLog, type LogDraft } from '../log-draft.ts';
import { Origins } from '../origin.ts';
import { anyValueText, packAttributesField, readGroups } from './common.ts';
import {
  enumField,
  field,
  hexField,
  type JsonObject,
  stringField,
  unsignedField,
  unsignedIntegerField,
} from './fields.ts';

const NAMES = { resources: 'resourceLogs', scopes: 'scopeLogs', items: 'logRecords' };
const SEVERITIES = [
  'SEVERITY_NUMBER_UNSPECIFIED',
  ...['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'].flatMap((level) =>
    ['', '2', '3', '4'].map((step) => `SEVERITY_NUMBER_${level}${step}`),
  ),
];

/** Records of an `ExportLogsServiceRequest`, parsed from JSON. Throws `malformed` naming the wrong place. */
export function decodeLogs(request: unknown, receivedUnixNano: bigint): Decoded<LogRecord> {
  const packer = new AttributePacker(1024);
  const origins = new Origins();
  const budget = new ItemBudget();
  const records: LogRecord[] = [];
  readGroups(request, NAMES, (resource, scope, envelopes) => {
    const origin = origins.of(resource, scope, envelopes);
    return (item, where) => {
      budget.spend();
      records.push(finishLog(readLogRecord(item, where, packer), origin, receivedUnixNano));
    };
  });
  return { items: records, rejected: new RejectionTally() };
}

function readLogRecord(item: JsonObject, where: string, packer: AttributePacker): LogDraft {
  const draft = emptyLogDraft();
  draft.timeUnixNano = unsignedField(item, 'timeUnixNano', where);
  draft.observedTimeUnixNano = unsignedField(item, 'observedTimeUnixNano', where);
  draft.severityNumber = enumField(item, 'severityNumber', SEVERITIES, where);
  draft.severityText = stringField(item, 'severityText', where);
  draft.body = anyValueText(field(item, 'body'), `${where}.body`);
  packAttributesField(item, packer, where);
  packDropped(packer, 'attributes', unsignedIntegerField(item, 'droppedAttributesCount', where));
  draft.attributes = packer.finish();
  draft.flags = unsignedIntegerField(item, 'flags', where);
  draft.traceId = hexField(item, 'traceId', where);
  draft.spanId = hexField(item, 'spanId', where);
  draft.eventName = stringField(item, 'eventName', where);
  return draft;
}
