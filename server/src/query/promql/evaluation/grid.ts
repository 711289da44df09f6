/** The times at which an expression is evaluated: `start + i * step` for `0 <= i < count`, Unix milliseconds. */
export interface Grid {
  readonly start: number;
  /** At least 1 where there is more than one step. */
  readonly step: number;
  readonly count: number;
}

export function lastOf(grid: Grid): number {
  return grid.start + (grid.count - 1) * grid.step;
}
