import type { ProtobufReader, StringCache } from '../../../lib/protobuf-reader.ts';
import { AttributePacker } from '../../../model/attribute-packer.ts';
import type { LogRecord } from '../../../model/log-record.ts';
import { RejectionTally } from '../../../pipeline/index.ts';
import type { Decoded } from '../decoded.ts';
import { packDropped } from '../dropped.ts';
import { ItemBudget } from '../item-budget.ts';
import { emptyLogDraft, finishLog, type LogDraft } from '../log-draft.ts';
import { Origins } from '../origin.ts';
import { readAnyValueText } from './any-value.ts';
import { packKeyValue } from './common.ts';
import { ItemFlow } from './item-flow.ts';

/** Records of an `ExportLogsServiceRequest`, read while they are gone through. Throws `malformed` where the bytes are none. */
export function decodeLogs(bytes: Uint8Array, strings: StringCache, receivedUnixNano: bigint): Decoded<LogRecord> {
  const packer = new AttributePacker(1024);
  const origins = new Origins();
  const budget = new ItemBudget();
  const items = new ItemFlow<LogRecord>(bytes, strings, (reader, take) => (resource, scope, envelopes) => {
    const origin = origins.of(resource, scope, envelopes);
    return () => {
      budget.spend();
      packer.restart();
      take(finishLog(readLogRecord(reader, packer), origin, receivedUnixNano));
    };
  });
  return { items, rejected: new RejectionTally() };
}

/** opentelemetry/proto/logs/v1/logs.proto */
function readLogRecord(reader: ProtobufReader, packer: AttributePacker): LogDraft {
  const draft = emptyLogDraft();
  let dropped = 0;
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
        packKeyValue(reader, packer);
        break;
      case 7:
        dropped = reader.int32();
        break;
      case 8:
        draft.flags = reader.fixed32();
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
  packDropped(packer, 'attributes', dropped);
  draft.attributes = packer.finish();
  return draft;
}
