import { ProtobufReader, type StringCache } from '../../../lib/protobuf-reader.ts';
import type { LogRecord } from '../../../model/log-record.ts';
import type { Decoded } from '../decoded.ts';
import { ItemBudget } from '../item-budget.ts';
import { emptyLogDraft, finishLog, type LogDraft } from '../log-draft.ts';
import { originOf } from '../origin.ts';
import { readAnyValueText, readGroups, readKeyValue } from './common.ts';

/** Records of an `ExportLogsServiceRequest`. Throws `ProtobufError` where the bytes are none. */
export function decodeLogs(bytes: Uint8Array, strings: StringCache, receivedUnixNano: bigint): Decoded<LogRecord> {
  const reader = new ProtobufReader(bytes, strings);
  const budget = new ItemBudget();
  const records: LogRecord[] = [];
  readGroups(reader, (resource, scope) => {
    const origin = originOf(resource, scope);
    return () => {
      budget.spend();
      records.push(finishLog(readLogRecord(reader), origin, receivedUnixNano));
    };
  });
  return { items: records, rejected: [] };
}

/** opentelemetry/proto/logs/v1/logs.proto */
function readLogRecord(reader: ProtobufReader): LogDraft {
  const draft = emptyLogDraft();
  const outer = reader.enter();
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        draft.timeUnixNano = reader.fixed64();
        break;
      case 2:
        draft.severityNumber = reader.int32();
        break;
      case 3:
        draft.severityText = reader.string();
        break;
      case 5:
        draft.body = readAnyValueText(reader);
        break;
      case 6:
        readKeyValue(reader, draft.attributes);
        break;
      case 9:
        draft.traceId = reader.hex();
        break;
      case 10:
        draft.spanId = reader.hex();
        break;
      case 11:
        draft.observedTimeUnixNano = reader.fixed64();
        break;
      case 12:
        draft.eventName = reader.string();
        break;
      default:
        reader.skip();
    }
  }
  reader.leave(outer);
  return draft;
}
