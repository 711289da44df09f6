import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../../tests/support/virtual-clock.ts';
import { PeriodicTask } from './periodic-task.ts';

const START = 1_000_000;

function record(clock: VirtualClock, work: (run: number) => Promise<void> = async () => {}) {
  const runs: number[] = [];
  const task = new PeriodicTask(clock, 10_000, async () => {
    runs.push(clock.now() - START);
    await work(runs.length);
  });
  return { runs, task };
}

describe('PeriodicTask', () => {
  it('runs on a grid until it is stopped', async () => {
    const clock = new VirtualClock(START);
    const { runs, task } = record(clock);
    task.start();
    await clock.advance(35_000);
    await task.stop();
    await clock.advance(60_000);
    expect(runs).toEqual([10_000, 20_000, 30_000]);
  });

  it('never runs twice at once; a slow run costs the points of the grid that it covers', async () => {
    const clock = new VirtualClock(START);
    const { runs, task } = record(clock, async (run) => {
      if (run === 1) await new Promise<void>((resolve) => clock.setTimer(25_000, resolve));
    });
    task.start();
    await clock.advance(60_000);
    await task.stop();
    expect(runs).toEqual([10_000, 40_000, 50_000, 60_000]);
  });

  it('waits for the run under way when stopped', async () => {
    const clock = new VirtualClock(START);
    let ended = false;
    const { task } = record(clock, async () => {
      await new Promise<void>((resolve) => clock.setTimer(5000, resolve));
      ended = true;
    });
    task.start();
    await clock.advance(10_000);
    const stopped = task.stop().then(() => expect(ended).toBe(true));
    await clock.advance(5000);
    await stopped;
  });
});
