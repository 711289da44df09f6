import type { Window } from '../evaluation/windows.ts';

type Samples = Pick<Window, 'timestamps' | 'starts' | 'from' | 'start'>;

/**
 * True where the start timestamp of a sample says that its counter began anew after the sample before. A start at the
 * very time of the sample before is what deltas have, but also counters that began at an unknown time, whose first
 * sample starts at itself or knows no start: those go on.
 */
export function startedAnew({ timestamps, starts }: Samples, index: number): boolean {
  if (!starts) return false;
  const start = starts[index]!;
  if (start === 0 || start >= timestamps[index]!) return false;
  const previous = timestamps[index - 1]!;
  if (start !== previous) return start > previous;
  return starts[index - 1]! !== 0 && starts[index - 1]! < previous;
}

/** True where a sample claims to have begun before the sample before it was taken, and not together with it. */
export function overlapsPrevious({ timestamps, starts }: Samples, index: number): boolean {
  if (!starts) return false;
  const start = starts[index]!;
  return start !== 0 && start < timestamps[index - 1]! && start !== starts[index - 1];
}

/** When the counter was zero before the first sample of the window, where that lies inside of the window. */
export function zeroInside({ timestamps, starts, from, start: edge }: Samples): number | undefined {
  const start = starts?.[from] ?? 0;
  return start !== 0 && start > edge && start < timestamps[from]! ? start : undefined;
}
