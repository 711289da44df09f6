/**
 * The keys of a span's attributes are no longer indexed. Searches ask for a value in one of two maps, which the indexes
 * of the values answer; those of the keys passed over nothing then, and were a third of what an insert costs.
 */
export const VERSION_2: readonly string[] = ['idx_resource_key', 'idx_span_key'].map(
  (index) => `ALTER TABLE otel_traces DROP INDEX IF EXISTS ${index}`,
);
