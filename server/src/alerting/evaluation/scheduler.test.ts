import { afterEach, beforeEach, expect, it } from 'vitest';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import type { Logger } from '../../model/logger.ts';
import { Scheduler } from './scheduler.ts';

const START = Date.UTC(2026, 0, 5);
let clock: VirtualClock;
let scheduler: Scheduler;
let errors: number;

beforeEach(() => {
  clock = new VirtualClock(START);
  errors = 0;
  const logger: Logger = { debug() {}, info() {}, warn() {}, error: () => errors++ };
  scheduler = new Scheduler({ clock, logger, concurrency: 2 });
});
afterEach(() => scheduler.stop());

/** A task that runs until it is told to finish; its runs are listed by their second. */
function task(id: string, intervalMs: number) {
  const runs: number[] = [];
  const waiting: (() => void)[] = [];
  let isHeld = false;
  return {
    id,
    intervalMs,
    runs,
    hold: () => {
      isHeld = true;
    },
    finish: () => {
      isHeld = false;
      for (const resolve of waiting.splice(0)) resolve();
    },
    run: async (now: number, signal: AbortSignal) => {
      runs.push((now - START) / 1000);
      if (!isHeld) return;
      await new Promise<void>((resolve) => {
        waiting.push(resolve);
        signal.addEventListener('abort', () => resolve());
      });
    },
  };
}

const gaps = (runs: readonly number[]) => runs.slice(1).map((run, index) => Math.round((run - runs[index]!) * 1000));

it('keeps to the interval from a first run within it', async () => {
  const regular = task('regular', 10_000);
  scheduler.add(regular);
  await clock.advance(100_000);
  expect(regular.runs[0]).toBeLessThan(10);
  expect(gaps(regular.runs)).toEqual(Array.from({ length: 9 }, () => 10_000));
});

it('gives the planned times, however late the timers are, or a moment early', async () => {
  const late = {
    now: () => clock.now(),
    setTimer: (ms: number, run: () => void) => clock.setTimer(ms - 2 + (delay++ % 7), run),
  };
  let delay = 1;
  const logger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
  const other = new Scheduler({ clock: late, logger, concurrency: 2 });
  const regular = task('regular', 1000);
  other.add(regular);
  await clock.advance(20_500);
  expect(gaps(regular.runs)).toEqual(Array.from({ length: regular.runs.length - 1 }, () => 1000));
  // Out of turn: now; and the turn after it is no earlier.
  await clock.advance(300);
  await other.runNow('regular');
  await clock.advance(2000);
  expect(gaps(regular.runs).every((gap) => gap >= 0)).toBe(true);
  await other.stop();
});

it('spreads first runs, also of tasks with a long interval', async () => {
  const all = Array.from({ length: 50 }, (_, index) => task(`task-${index}`, 3_600_000));
  for (const one of all) scheduler.add(one);
  await clock.advance(15_000);
  const firsts = all.map(({ runs }) => runs[0]!);
  expect(firsts.every((first) => first <= 15)).toBe(true);
  expect(new Set(firsts.map(Math.floor)).size).toBeGreaterThan(8);
});

it('skips what comes while the task is busy, and goes on in step', async () => {
  const slow = task('slow', 10_000);
  scheduler.add(slow);
  slow.hold();
  await clock.advance(35_000);
  expect(slow.runs).toHaveLength(1);
  expect(scheduler.stats()).toMatchObject({ busy: 1, skipped: 3 - (slow.runs[0]! > 5 ? 1 : 0) });
  expect(scheduler.stats().lagMs).toBeGreaterThanOrEqual(25_000);
  slow.finish();
  await clock.advance(20_000);
  expect(slow.runs.map((run) => Math.round((run - slow.runs[0]!) * 1000) % 10_000)).toEqual(slow.runs.map(() => 0));
  expect(slow.runs).toHaveLength(3);
});

it('runs so many at once and no more', async () => {
  const all = ['a', 'b', 'c'].map((id) => task(id, 10_000));
  for (const one of all) {
    one.hold();
    scheduler.add(one);
  }
  await clock.advance(10_000);
  expect(all.filter(({ runs }) => runs.length > 0)).toHaveLength(2);
  all.find(({ runs }) => runs.length > 0)!.finish();
  await clock.advance(0);
  expect(all.every(({ runs }) => runs.length === 1)).toBe(true);
});

it('goes on after a failure, and writes it down', async () => {
  let runs = 0;
  scheduler.add({ id: 'bad', intervalMs: 1000, run: () => Promise.reject(new Error(`${runs++}`)) });
  await clock.advance(5000);
  expect([runs, errors]).toEqual([5, 5]);
});

it('runs at once and out of turn when asked', async () => {
  const hourly = task('hourly', 3_600_000);
  scheduler.add(hourly);
  await scheduler.runNow('hourly');
  expect(hourly.runs).toEqual([0]);
  await scheduler.runNow('nobody');
});

it('lets nobody wait longer than an interval when the clock is set back', async () => {
  const regular = task('regular', 10_000);
  scheduler.add(regular);
  await clock.advance(20_000);
  const before = regular.runs.length;
  clock.jump(START - 3_600_000);
  await clock.advance(3_640_000);
  expect(regular.runs.length).toBeGreaterThan(before);
});

it('interrupts a run, and comes back to the task in its turn', async () => {
  const slow = task('slow', 10_000);
  slow.hold();
  scheduler.add(slow);
  await clock.advance(10_000);
  scheduler.interrupt('slow');
  await clock.advance(0);
  expect(scheduler.stats().busy).toBe(0);
  await clock.advance(10_000);
  expect(slow.runs).toHaveLength(2);
});

it('ends what runs when it stops, and starts nothing more', async () => {
  const slow = task('slow', 1000);
  slow.hold();
  scheduler.add(slow);
  await clock.advance(1000);
  await scheduler.stop();
  await clock.advance(10_000);
  expect(slow.runs).toHaveLength(1);
});

it('tells a task of the turns that it misses', async () => {
  const slow = task('slow', 10_000);
  let missed = 0;
  scheduler.add({
    ...slow,
    onMissed: (turns) => {
      missed += turns;
    },
  });
  await clock.advance(10_000);
  slow.hold();
  await clock.advance(35_000);
  slow.finish();
  await clock.advance(10_000);
  // Held from the second run on until 45 s.
  expect(missed).toBe(slow.runs[0]! <= 5 ? 3 : 2);
  expect(scheduler.stats().skipped).toBe(missed);
});
