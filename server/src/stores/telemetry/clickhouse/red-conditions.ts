import type { TimeRange } from '../../../model/time-range.ts';
import type { RedOptions } from '../red-store.ts';
import { ENVIRONMENT } from './attribute-sql.ts';

/** Pieces of SQL that the questions about RED share, and the values of their parameters. */

const IN_RANGE =
  'Timestamp >= fromUnixTimestamp64Milli({start:Int64}) AND Timestamp < fromUnixTimestamp64Milli({end:Int64})';

/** Conditions on `otel_traces`, `otel_logs`. */
export const rows = {
  environment: ENVIRONMENT,
  inRange: IN_RANGE,
  /** A parent may begin a while before its child, a child a while after its parent: parameter `slack`, milliseconds. */
  nearRange: `Timestamp >= fromUnixTimestamp64Milli({start:Int64} - {slack:Int64})
    AND Timestamp < fromUnixTimestamp64Milli({end:Int64} + {slack:Int64})`,
  isRequest: "(SpanKind IN ('Server', 'Consumer') OR ParentSpanId = '')",
} as const;

/** Conditions on `span_metrics`, whose time is the start of a minute. */
export const minutes = {
  environment: 'Environment',
  inRange: `Timestamp >= toStartOfMinute(toDateTime(intDiv({start:Int64}, 1000), 'UTC'))
    AND Timestamp < toDateTime(intDiv({end:Int64} + 999, 1000), 'UTC')`,
  isRequest: "(SpanKind IN ('Server', 'Consumer') OR IsRoot = 1)",
} as const;

/** ` AND ...` where the options name an environment. */
export function andEnvironment(expression: string, options: RedOptions): string {
  return options.environment === undefined ? '' : ` AND ${expression} = {environment:String}`;
}

/** ` AND ...` where the options name a service. */
export function andService(expression: string, options: RedOptions): string {
  return options.service === undefined ? '' : ` AND ${expression} = {service:String}`;
}

/** ` AND ...` where the options name an operation. */
export function andOperation(options: RedOptions): string {
  return options.operation === undefined ? '' : ' AND SpanName = {operation:String}';
}

const MOST_SLACK_MS = 600_000;

export function parametersOf(range: TimeRange, options: RedOptions): Record<string, unknown> {
  return {
    start: heldTime(range.start),
    end: heldTime(range.end),
    ...(options.environment !== undefined && { environment: options.environment }),
    ...(options.service !== undefined && { service: options.service }),
    ...(options.operation !== undefined && { operation: options.operation }),
    target: Math.round((options.apdexTargetMs ?? 500) * 1e6),
    slack: MOST_SLACK_MS,
  };
}

/** What every time type of the engine can hold, ten minutes more or less: 1970 to 2106. */
function heldTime(milliseconds: number): number {
  return Math.floor(Math.min(4_294_900_000_000, Math.max(MOST_SLACK_MS, milliseconds)));
}
