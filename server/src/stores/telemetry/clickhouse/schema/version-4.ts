/**
 * What one insert brings stays a compact part, with all columns in one file: so many columns, each in two files that are
 * synchronised, cost a quarter of an insert's processor time and most of its waiting. Merges make wide parts of them.
 */
const MOST_COMPACT_BYTES = 64 * 1024 * 1024;

export const VERSION_4: readonly string[] = ['otel_traces', 'otel_logs'].map(
  (table) => `ALTER TABLE ${table} MODIFY SETTING min_bytes_for_wide_part = ${MOST_COMPACT_BYTES}`,
);
