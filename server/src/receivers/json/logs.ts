import { itemKind } from './item-kind.ts';
import { logItem } from './log-schema.ts';
import { toLogRecord } from './to-log-record.ts';

export const logs = itemKind({
  signal: 'logs',
  path: '/api/logs',
  summary: 'Store log records',
  description:
    '`{timestamp?, level?, service?, message, trace_id?, span_id?, attributes?}`; other fields become attributes.',
  schema: logItem,
  translator: (now) => {
    const resources = new Map();
    const unixNano = BigInt(now) * 1_000_000n;
    return (item) => toLogRecord(item, unixNano, resources);
  },
  write: (intake, records, options) => intake.writeLogs(records, options),
});
