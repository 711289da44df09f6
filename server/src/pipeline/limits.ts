/**
 * What one item may be. Text that is too long is cut and marked, surplus attributes are left out: an item with a bad
 * field is worth more than none. Labels are never cut, since two series could become one: the series is refused.
 */
export interface PipelineLimits {
  /** Attributes of a span, event, link, record, scope or resource. Default 256. */
  readonly attributeCount: number;
  /** UTF-16 units of an attribute's key. Default 512. */
  readonly attributeKeyLength: number;
  /** UTF-16 units of an attribute's value. Default 64 Ki. */
  readonly attributeValueLength: number;
  /** UTF-16 units of a log body. Default 1 Mi. */
  readonly bodyLength: number;
  /** UTF-16 units of a name, a status message, a trace state, a severity text. Default 4096. */
  readonly nameLength: number;
  /** Events of a span, and links of a span. Default 1024 each. */
  readonly eventCount: number;
  /** Labels of a series, without its name. Default 128. */
  readonly labelCount: number;
  /** UTF-16 units of a metric name or label name. Default 512. */
  readonly labelNameLength: number;
  /** UTF-16 units of a label value. Default 4096. */
  readonly labelValueLength: number;
  /**
   * Milliseconds that a time may lie behind the clock: the retention, since the store would drop older items unseen
   * after they were acknowledged. Default: any time from 1970 on.
   */
  readonly maxAgeMs: { readonly spans?: number; readonly logs?: number; readonly samples?: number };
  /** Milliseconds that a time may lie ahead of the clock. `undefined` (default): any time up to 2262. */
  readonly maxAheadMs: number | undefined;
  /** Series of one metric; further ones are refused, known ones never. Default 10 000. */
  readonly seriesPerMetric: number;
  /** Series of all metrics. Default 500 000. */
  readonly series: number;
  /** Spans, records or samples on their way to the store at once, a signal; more is refused with 503. */
  readonly inFlight: { readonly spans: number; readonly logs: number; readonly samples: number };
}

export const DEFAULT_LIMITS: PipelineLimits = {
  attributeCount: 256,
  attributeKeyLength: 512,
  attributeValueLength: 64 * 1024,
  bodyLength: 1024 * 1024,
  nameLength: 4096,
  eventCount: 1024,
  labelCount: 128,
  labelNameLength: 512,
  labelValueLength: 4096,
  maxAgeMs: {},
  maxAheadMs: undefined,
  seriesPerMetric: 10_000,
  series: 500_000,
  inFlight: { spans: 200_000, logs: 200_000, samples: 2_000_000 },
};
