import type { Flow } from './flow.ts';
import type { PackedAttributes } from './packed-attributes.ts';

/** The levels of the HTTP API, lowest first. */
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * OpenTelemetry severity numbers run from 1 to 24, four a level.
 * https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber
 */
export function lowestSeverityNumber(level: LogLevel): number {
  return LOG_LEVELS.indexOf(level) * 4 + 1;
}

/** The level of a severity number; `undefined` for 0 (unspecified). */
export function levelOfSeverityNumber(severityNumber: number): LogLevel | undefined {
  return severityNumber < 1 ? undefined : LOG_LEVELS[Math.min(5, Math.floor((severityNumber - 1) / 4))];
}

/** `Held` is the form of the attributes: packed on the way to the store. */
export interface LogRecord<Held = PackedAttributes> {
  /** Event time; where the sender gave none, the time it was observed. */
  readonly timeUnixNano: bigint;
  /** Lower-case hex or empty. */
  readonly traceId: string;
  readonly spanId: string;
  /** 0 where unknown. */
  readonly severityNumber: number;
  /** As the sender wrote it. */
  readonly severityText: string;
  /** By the one rule of `service.ts`. */
  readonly service: string;
  readonly body: string;
  readonly resourceAttributes: Held;
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scopeAttributes?: Held;
  readonly resourceSchemaUrl?: string;
  readonly scopeSchemaUrl?: string;
  /** When a collector saw the record; `undefined` where nobody said. */
  readonly observedTimeUnixNano?: bigint;
  /** W3C trace flags, 8 bits. */
  readonly traceFlags?: number;
  /** Names the kind of an event; empty for a plain record. */
  readonly eventName?: string;
  readonly attributes: Held;
}

/**
 * Takes log records; the call goes through all of them before it answers. Resolves when all are durable and searchable;
 * rejects when none of them counts as stored.
 */
export interface LogSink {
  writeLogs(records: Flow<LogRecord>): Promise<void>;
}
