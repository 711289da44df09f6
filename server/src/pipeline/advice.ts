import { DROP_REASONS, type DropReason, REJECTION_REASONS, type RejectionReason } from './rejection.ts';

const CLOCKS = 'compare the clocks of the sender and of this machine';
const INSTRUMENTATION = 'look at the library or the exporter that makes it; this is not how its protocol writes it';

/** What people can do about what is not stored. */
const ADVICE: Readonly<Record<RejectionReason | DropReason, string>> = {
  invalid_trace_id: INSTRUMENTATION,
  invalid_span_id: INSTRUMENTATION,
  invalid_parent_span_id: INSTRUMENTATION,
  missing_time: INSTRUMENTATION,
  time_out_of_range: `${CLOCKS}; look whether the time is written in the unit that is meant`,
  too_old: `${CLOCKS}; for old data raise the retention, or INGEST_MAX_AGE where it is set`,
  too_far_in_future: `${CLOCKS}, or raise INGEST_MAX_AHEAD`,
  invalid_metric_name: 'give the metric a name with letters or digits',
  no_data: INSTRUMENTATION,
  unspecified_temporality: INSTRUMENTATION,
  delta_gauge: 'send cumulative temporality for sums that may fall, or a gauge',
  delta_out_of_order: 'let one sender write a series; send in the order of time',
  invalid_histogram: INSTRUMENTATION,
  histogram_too_coarse: 'give the histogram more buckets in the sender (max_size), so that it keeps a finer scale',
  invalid_value: INSTRUMENTATION,
  too_many_labels: 'take labels away: metric_relabel_configs with the action labeldrop, or in the sender',
  invalid_labels: INSTRUMENTATION,
  invalid_line: 'send the lines of the protocol to this port: name:value|type',
  unsupported_line: 'switch them off in the client, or send them as logs',
  invalid_item: 'the answer to the sender names each wrong field and how to write it',
  too_many_aggregates: 'take tags with many values away in the sender',
  invalid_exemplar: INSTRUMENTATION,
  label_too_long: 'shorten it: metric_relabel_configs, or in the sender; long texts belong into logs',
  per_metric_series_limit:
    'find the label with too many values (user ids, paths, request ids) and take it away with metric_relabel_configs; ' +
    'or raise INGEST_MAX_SERIES_PER_METRIC',
  series_limit: 'drop what nobody looks at with metric_relabel_configs, or raise INGEST_MAX_SERIES',
  filter: 'nothing, as long as that is meant: pipelines.logs.drop, pipelines.traces.drop',
  relabelling: 'nothing, as long as that is meant: pipelines.metrics.metric_relabel_configs',
};

/** A reason in words, and what to do about it. */
export function explainReason(reason: RejectionReason | DropReason): { description: string; advice: string } {
  return { description: { ...REJECTION_REASONS, ...DROP_REASONS }[reason], advice: ADVICE[reason] };
}
