/**
 * Why an item was not taken. The word goes into the service's own metrics, the text to the sender. A closed set, so
 * that the number of metric series stays small.
 */
export const REJECTION_REASONS = {
  invalid_trace_id: 'the trace id must be 16 bytes, not all zero',
  invalid_span_id: 'the span id must be 8 bytes, not all zero',
  invalid_parent_span_id: 'the parent span id must be 8 bytes or empty',
  missing_time: 'the time is missing',
  time_out_of_range: 'the time lies outside of what can be stored (1970 to 2262)',
  too_old: 'the time lies further back than data is kept',
  too_far_in_future: 'the time lies too far in the future',
  invalid_metric_name: 'the metric name has no letter or digit that a stored name may hold',
  no_data: 'the metric has no data of a known kind',
  unspecified_temporality: 'the aggregation temporality is not given',
  delta_gauge: 'a sum that is not monotonic cannot have delta temporality',
  delta_out_of_order: 'a delta point is older than the newest one of its series',
  invalid_histogram: 'the histogram counts and bounds do not fit together, or there are more than 2000 buckets',
  invalid_value: 'the value is missing',
  too_many_labels: 'the series has too many labels',
  invalid_labels: 'a label has no name or is there twice, or the metric name is missing',
  invalid_line: 'the line cannot be read, or there are too many series',
  exemplars_not_stored: 'exemplars are not stored',
  label_too_long: 'a label name or value is too long',
} as const;

export type RejectionReason = keyof typeof REJECTION_REASONS;

export interface Rejection {
  readonly reason: RejectionReason;
  readonly count: number;
}

/** Counts rejections by reason. */
export class RejectionTally {
  readonly #counts = new Map<RejectionReason, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(reason: RejectionReason, count = 1): void {
    if (count === 0) return;
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + count);
    this.#total += count;
  }

  addAll(rejections: readonly Rejection[]): void {
    for (const { reason, count } of rejections) this.add(reason, count);
  }

  list(): Rejection[] {
    return [...this.#counts].map(([reason, count]) => ({ reason, count }));
  }
}

/** One sentence for the sender: what was not taken, how often, why. */
export function describeRejections(rejections: readonly Rejection[]): string {
  return rejections.map(({ reason, count }) => `${count} refused: ${REJECTION_REASONS[reason]}`).join('; ');
}
