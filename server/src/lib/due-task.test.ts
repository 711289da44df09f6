import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../tests/support/virtual-clock.ts';
import { DueTask, type DueTaskOptions } from './due-task.ts';

const START = 1_000_000;
const HOUR = 3_600_000;

/** Times in memory in place of a store, and when they were looked at: milliseconds since the start. */
function book(options: Partial<DueTaskOptions> = {}) {
  const clock = new VirtualClock(START);
  const times: number[] = [];
  const looks: number[] = [];
  const done: string[] = [];
  const errors: unknown[] = [];
  let tell = () => {};
  const task = new DueTask({
    clock,
    work: async () => {
      looks.push(clock.now() - START);
      for (const time of times.splice(0).sort((a, b) => a - b)) {
        if (time > clock.now()) times.push(time);
        else done.push(`${time - START} at ${clock.now() - START}`);
      }
    },
    nextDue: async () => (times.length === 0 ? null : Math.min(...times)),
    watch: (listener) => {
      tell = listener;
      return () => {
        tell = () => {};
      };
    },
    onError: (error) => errors.push(error),
    ...options,
  });
  const add = (at: number) => {
    times.push(START + at);
    tell();
  };
  return { clock, times, looks, done, errors, task, add };
}

describe('DueTask', () => {
  it('looks once at the start, and then does nothing while nothing waits', async () => {
    const { clock, looks, task } = book();
    task.start();
    await clock.advance(HOUR);
    expect(looks).toEqual([1000]);
  });

  it('does what an earlier process has left, and each thing within a second of its time', async () => {
    const { clock, times, looks, done, task } = book();
    times.push(START - 500, START + 90_300, START + 90_900, START + HOUR);
    task.start();
    await clock.advance(2 * HOUR);
    expect(done).toEqual(['-500 at 1000', '90300 at 91000', '90900 at 91000', '3600000 at 3600000']);
    expect(looks).toEqual([1000, 91_000, HOUR]);
  });

  it('looks at what is written meanwhile, many together, whether its time is now, sooner or later', async () => {
    const { clock, looks, done, task, add } = book();
    task.start();
    await clock.advance(10_400);
    for (let index = 0; index < 100; index++) add(10_000 + index);
    add(50_000);
    await clock.advance(4600);
    expect(done).toHaveLength(100);
    add(20_000);
    await clock.advance(100_000);
    expect(done.slice(100)).toEqual(['20000 at 20000', '50000 at 50000']);
    expect(looks).toEqual([1000, 11_000, 16_000, 20_000, 50_000]);
  });

  it('hears what is written while it looks', async () => {
    let once = true;
    const made: ReturnType<typeof book> = book({
      nextDue: async () => {
        // The write comes after the read that missed it.
        if (once) made.add(1500);
        once = false;
        return null;
      },
    });
    made.task.start();
    await made.clock.advance(HOUR);
    expect(made.done).toEqual(['1500 at 2000']);
  });

  it('finds in bounded time what another process has written', async () => {
    const { clock, times, looks, done, task } = book({ rereadMs: 5000 });
    task.start();
    await clock.advance(7200);
    times.push(START + 7300);
    await clock.advance(9000);
    expect(done).toEqual(['7300 at 11000']);
    expect(looks).toEqual([1000, 6000, 11_000, 16_000]);
  });

  it('is at most some seconds late where the clock jumps ahead, and goes on where it is set back', async () => {
    const { clock, done, task, add } = book();
    task.start();
    add(HOUR);
    await clock.advance(10_000);
    clock.jump(START + HOUR + 7);
    await clock.advance(15_000);
    expect(done).toEqual(['3600000 at 3606007']);
    clock.jump(START - HOUR);
    add(-HOUR + 500);
    await clock.advance(30_000);
    expect(done[1]).toMatch(/^-3599500 at -35\d{5}$/);
  });

  it('tries again each second what has failed, in the work or in looking ahead', async () => {
    const failures = ['work', 'work', 'nextDue'];
    const runs: number[] = [];
    const { clock, errors, task } = book({
      work: async () => {
        runs.push(clock.now() - START);
        if (failures[0] === 'work') throw new Error(failures.shift());
      },
      nextDue: async () => {
        if (failures[0] === 'nextDue') throw new Error(failures.shift());
        return null;
      },
    });
    task.start();
    await clock.advance(HOUR);
    expect(runs).toEqual([1000, 2000, 3000, 4000]);
    expect(errors.map(String)).toEqual(['Error: work', 'Error: work', 'Error: nextDue']);
  });

  it('never runs twice at once, waits for the run under way when stopped, and hears nothing after that', async () => {
    let running = 0;
    let most = 0;
    const { clock, looks, task, add } = book({
      work: async () => {
        most = Math.max(most, ++running);
        await new Promise<void>((resolve) => clock.setTimer(2500, resolve));
        running--;
      },
    });
    task.start();
    await clock.advance(1500);
    expect(task.busy).toBe(true);
    add(0);
    await clock.advance(3000);
    add(0);
    const stopped = task.stop().then(() => expect(running).toBe(0));
    await clock.advance(3000);
    await stopped;
    add(0);
    await clock.advance(HOUR);
    expect([most, running, looks]).toEqual([1, 0, []]);
  });
});
