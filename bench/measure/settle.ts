import { setTimeout as pause } from 'node:timers/promises';
import { processorSeconds } from './process-figures.ts';

const WINDOW_MS = 2500;
/** Less than this in a window is an idle process: 6 % of a processor. */
const IDLE_SECONDS = 0.15;
const QUIET_WINDOWS = 3;

/**
 * Waits until a process has nothing left to do (merges, compactions), so that deferred work is counted too. Answers
 * false where it was still busy after `withinMs`.
 */
export async function settle(pid: number, withinMs = 120_000): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  let last = processorSeconds(pid);
  for (let quiet = 0; quiet < QUIET_WINDOWS; ) {
    if (performance.now() > deadline) return false;
    await pause(WINDOW_MS);
    const now = processorSeconds(pid);
    quiet = now - last < IDLE_SECONDS ? quiet + 1 : 0;
    last = now;
  }
  return true;
}
