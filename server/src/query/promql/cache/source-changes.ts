/** What a store says about writes to the past, so that what was read of it may be kept. */
export interface SourceChanges {
  /** A number for now: what is visible to readers before counts as known. */
  mark(): number;
  /**
   * The oldest time (Unix milliseconds) at which samples of the metrics were written or removed since the mark, or
   * earlier; `Infinity` where nothing was, `-Infinity` where it cannot be told. Without metrics: of any.
   */
  earliestSince(mark: number, metrics: ReadonlySet<string> | undefined): number;
  /** Samples from before may come and go without being told, Unix milliseconds. */
  keptFrom(): number;
}
