import { formatInstant } from '../../../lib/instant.ts';
import { ROLLUP_MS } from '../../../model/rollup.ts';
import type { SourceSeries } from '../series-source.ts';
import type { VectorSelector } from '../syntax/expression.ts';
import type { EvaluationContext } from './context.ts';
import type { Grid } from './grid.ts';

interface Windows {
  /** Milliseconds. */
  readonly width: number;
  readonly grid: Grid;
}

/** Says that an answer comes from rollups, and where that makes it less than exact. */
export function remarkOnRollups(
  { annotations }: EvaluationContext,
  { span }: VectorSelector,
  series: readonly SourceSeries[],
  windows?: Windows,
): void {
  let until = 0;
  for (const { rollup } of series) if (rollup && rollup.until > until) until = rollup.until;
  if (until === 0) return;
  annotations.info(`samples until ${formatInstant(until)} are rollups of 5m`, span);
  if (!windows || windows.grid.start - windows.width >= until) return;
  const { width, grid } = windows;
  const isAligned = [width, grid.start, grid.step].every((time) => time % ROLLUP_MS === 0);
  if (!isAligned) {
    annotations.warn('ranges over rollups are exact only where range, start and step are multiples of 5m', span);
  }
}
