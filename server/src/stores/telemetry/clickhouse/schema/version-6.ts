/**
 * Samples come in inserts of about one size, every few seconds, and are mostly read from memory while they are new: it
 * is enough to merge ten parts into one where the engine's own choice is five. Each sample is written half as often.
 */
export const VERSION_6: readonly string[] = ['ALTER TABLE metric_samples MODIFY SETTING merge_selector_base = 10'];
