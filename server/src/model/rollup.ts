/** A rollup holds so much of a series, milliseconds; rollups end at multiples of it. */
export const ROLLUP_MS = 300_000;

/**
 * Of each sample of a series how many samples it stands for, and their sum, least and greatest value: samples up to and
 * at `until` (Unix milliseconds) are rollups, those after it stand for themselves.
 */
export interface RollupColumns {
  readonly until: number;
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  /** NaN where a sample stands for none. */
  readonly mins: Float64Array;
  readonly maxs: Float64Array;
}
