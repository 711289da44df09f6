import type { Attributes } from './attributes.ts';

/** OpenTelemetry SpanKind, as the ecosystem's ClickHouse tables spell it. */
export type SpanKind = 'Unspecified' | 'Internal' | 'Server' | 'Client' | 'Producer' | 'Consumer';
export type SpanStatus = 'Unset' | 'Ok' | 'Error';

export interface SpanEvent {
  readonly timeUnixNano: bigint;
  readonly name: string;
  readonly attributes: Attributes;
}

export interface SpanLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceState: string;
  readonly attributes: Attributes;
}

/** One finished span. Ids are lower-case hex (32 and 16 digits); an empty `parentSpanId` marks a root. */
export interface Span {
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
  readonly resourceAttributes: Attributes;
  readonly scopeName: string;
  readonly scopeVersion: string;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  readonly links: readonly SpanLink[];
}

/** Takes spans. Resolves when all are durable and searchable; rejects when none of them counts as stored. */
export interface SpanSink {
  writeSpans(spans: readonly Span[]): Promise<void>;
}
