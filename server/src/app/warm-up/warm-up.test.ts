import { expect, it } from 'vitest';
import { type Rehearsal, WarmUp } from './warm-up.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };

it('waits while the service is busy', async () => {
  let hasRun = false;
  const seen = [0.9, 0.8, 0.1];
  const rehearsal: Rehearsal = async () => {
    hasRun = true;
  };
  const warmUp = new WarmUp([rehearsal], silent, 0);
  warmUp.start((since) => ({ idle: 0, active: 0, utilization: since ? seen.shift()! : 1 }));
  await expect.poll(() => hasRun).toBe(true);
  expect(seen).toEqual([]);
  await warmUp.stop();
});

it('goes on with the next where one fails, and begins none after it was told to end', async () => {
  const [begun, warnings]: [string[], object[]] = [[], []];
  const failing: Rehearsal = async () => {
    begun.push('failing');
    throw new Error('broken');
  };
  const long: Rehearsal = async (signal) => {
    begun.push('long');
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    throw new Error('ended in the middle');
  };
  const last: Rehearsal = async () => void begun.push('last');
  const warmUp = new WarmUp([failing, long, last], { ...silent, warn: (fields) => warnings.push(fields) }, 0);
  warmUp.start();
  await expect.poll(() => begun).toEqual(['failing', 'long']);
  await warmUp.stop();
  expect(begun).toEqual(['failing', 'long']);
  expect(warnings).toEqual([{ err: new Error('broken') }]);
});
