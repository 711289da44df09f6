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
  histogram_too_coarse: 'the scale of the exponential histogram is below -4, the coarsest that can be stored',
  invalid_value: 'the value is missing',
  too_many_labels: 'the series has too many labels',
  invalid_labels: 'a label has no name, is there twice or is not UTF-8, or the metric name is missing',
  invalid_line: 'the line cannot be read',
  unsupported_line: 'events and service checks of DogStatsD are not stored',
  invalid_item: 'a field is missing or wrong',
  too_many_aggregates: 'too many different series were measured since the last flush',
  invalid_exemplar: 'the labels of an exemplar are too long or not UTF-8',
  label_too_long: 'a label name or value is too long',
  per_metric_series_limit: 'the metric has as many series as a metric may have; known series go on',
  series_limit: 'there are as many series as the service may keep; known series go on',
} as const;

export type RejectionReason = keyof typeof REJECTION_REASONS;

/** Why an item that its sender may call stored was left out: the configuration says so. */
export const DROP_REASONS = {
  filter: 'a drop filter of the configuration matches',
  relabelling: 'a relabelling rule of the configuration drops the series',
} as const;

export type DropReason = keyof typeof DROP_REASONS;

export function isDropReason(reason: string): reason is DropReason {
  return Object.hasOwn(DROP_REASONS, reason);
}

export interface Rejection {
  readonly reason: RejectionReason;
  readonly count: number;
  /** What exactly, where the reason alone does not tell: a few of them. */
  readonly details?: readonly string[];
}

const MOST_DETAILS = 3;

/** Counts rejections by reason. */
export class RejectionTally {
  readonly #counts = new Map<RejectionReason, { count: number; readonly details: Set<string> }>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  add(reason: RejectionReason, count = 1, ...details: readonly string[]): void {
    if (count === 0) return;
    let entry = this.#counts.get(reason);
    if (!entry) {
      entry = { count: 0, details: new Set() };
      this.#counts.set(reason, entry);
    }
    entry.count += count;
    for (const detail of details) if (detail !== '' && entry.details.size < MOST_DETAILS) entry.details.add(detail);
    this.#total += count;
  }

  addAll(rejections: readonly Rejection[]): void {
    for (const { reason, count, details = [] } of rejections) this.add(reason, count, ...details);
  }

  list(): Rejection[] {
    return [...this.#counts].map(([reason, { count, details }]) => ({
      reason,
      count,
      ...(details.size > 0 && { details: [...details] }),
    }));
  }
}

/** What is wrong with one item. */
export function rejectionText(reason: RejectionReason, detail = ''): string {
  return REJECTION_REASONS[reason] + inBrackets(detail === '' ? [] : [detail]);
}

/** One sentence for the sender: what was not taken, how often, why. */
export function describeRejections(rejections: readonly Rejection[]): string {
  return rejections
    .map(({ reason, count, details }) => `${count} refused: ${REJECTION_REASONS[reason]}${inBrackets(details)}`)
    .join('; ');
}

function inBrackets(details: readonly string[] = []): string {
  return details.length === 0 ? '' : ` (${details.join('; ')})`;
}
