import type { Attributes } from './attributes.ts';
import type { Flow } from './flow.ts';
import type { PackedAttributes } from './packed-attributes.ts';

/** OpenTelemetry SpanKind, as the ecosystem's ClickHouse tables spell it. */
export type SpanKind = 'Unspecified' | 'Internal' | 'Server' | 'Client' | 'Producer' | 'Consumer';
export type SpanStatus = 'Unset' | 'Ok' | 'Error';

export interface SpanEvent<Held = PackedAttributes> {
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: Held;
}

export interface SpanLink<Held = PackedAttributes> {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: Held;
}

/**
 * One finished span. Ids are lower-case hex (32 and 16 digits); an empty `parentSpanId` marks a root. `Held` is the form
 * of its attributes: packed on the way to the store.
 */
export interface Span<Held = PackedAttributes> {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly traceState: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startTimeUnixNano: bigint;
  readonly durationNano: bigint;
  readonly status: SpanStatus;
  readonly statusMessage: string;
  /** By the one rule of `service.ts`. */
  readonly service: string;
  readonly resourceAttributes: Held;
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly scopeAttributes?: Held;
  readonly resourceSchemaUrl?: string;
  readonly scopeSchemaUrl?: string;
  /** OTLP's: the trace flags in the lowest 8 bits, then whether the parent is known to be remote. */
  readonly flags?: number;
  readonly attributes: Held;
  readonly events: readonly SpanEvent<Held>[];
  readonly links: readonly SpanLink<Held>[];
}

/** A span as the store gives it back. */
export type StoredSpan = Span<Attributes>;

/**
 * Takes spans; the call goes through all of them before it answers. Resolves when all are durable and searchable;
 * rejects when none of them counts as stored.
 */
export interface SpanSink {
  writeSpans(spans: Flow<Span>): Promise<void>;
}
