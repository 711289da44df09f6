import { expect, it } from 'vitest';
import { Serial } from './serial.ts';

it('runs one after the other, also after a failure', async () => {
  const serial = new Serial();
  const log: string[] = [];
  const slow = async (name: string) => {
    log.push(`${name} begins`);
    await new Promise((resolve) => setImmediate(resolve));
    log.push(`${name} ends`);
    return name;
  };
  const failing = serial.run(async () => {
    await slow('a');
    throw new Error('no');
  });
  const next = serial.run(() => slow('b'));
  await expect(failing).rejects.toThrow('no');
  await expect(next).resolves.toBe('b');
  expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});
