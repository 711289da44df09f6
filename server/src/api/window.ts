import { parseInstant } from '../lib/instant.ts';
import { invalid } from '../model/errors.ts';
import type { TimeRange } from '../model/time-range.ts';

const HOUR = 3_600_000;

/** Unix milliseconds of a parameter that its schema has let through; relative ones may still lie before 1970. */
export function instantOf(path: string, text: string, now: number): number {
  const milliseconds = parseInstant(text, now);
  if (milliseconds === undefined) throw invalid({ path, message: 'lies before 1970 or after 9999' });
  return milliseconds;
}

/** The window that `start` and `end` name; the last hour where they are left out. */
export function resolveWindow(
  parameters: { start?: string | undefined; end?: string | undefined },
  now: number,
): TimeRange {
  const end = parameters.end === undefined ? now : instantOf('end', parameters.end, now);
  const start = parameters.start === undefined ? end - HOUR : instantOf('start', parameters.start, now);
  if (start >= end) throw invalid({ path: 'start', message: 'must be before end' });
  return { start, end };
}
