import { expect, it } from 'vitest';
import { Serial } from './serial.ts';

it('lets the next begin when a task frees its turn, and knows when all have ended', async () => {
  const serial = new Serial();
  const log: string[] = [];
  const { promise: disk, resolve: reached } = Promise.withResolvers<void>();
  const first = serial.run(async (free) => {
    log.push('a is stored');
    free();
    await disk;
    log.push('a is on disk');
  });
  await serial.run(async () => void log.push('b'));
  const ended = serial.ended().then(() => log.push('all'));
  reached();
  await Promise.all([first, ended]);
  expect(log).toEqual(['a is stored', 'b', 'a is on disk', 'all']);
});

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
