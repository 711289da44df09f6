/** A half-open window of time in Unix milliseconds: `start <= t < end`. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}
