import { median } from './statistics.ts';
import { figure } from './table.ts';

interface PairedRatio {
  readonly median: number;
  /** The round that was worst for us. */
  readonly worst: number;
}

/** Ours to the other's, round by round: what slows the machine down for a while slows both sides of a pair. */
export function pairedRatio(
  ours: readonly number[],
  theirs: readonly number[],
  better: 'higher' | 'lower',
): PairedRatio {
  const ratios = ours.map((value, round) => value / theirs[round]!);
  return { median: median(ratios), worst: better === 'higher' ? Math.min(...ratios) : Math.max(...ratios) };
}

/** `123 (110-130)`: the median, and the range where there is more than one round. */
export function medianAndRange(values: readonly number[]): string {
  if (values.length === 0) return '-';
  const middle = figure(median(values));
  return values.length === 1 ? middle : `${middle} (${figure(Math.min(...values))}-${figure(Math.max(...values))})`;
}
