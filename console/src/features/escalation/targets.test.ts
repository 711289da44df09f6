import { expect, it } from 'vitest';
import { readTarget, writeTarget } from './targets.ts';

it.each([
  ['user:anna', { user: 'anna' }],
  ['schedule:web team', { schedule: 'web team' }],
  ['receiver:ops', { receiver: 'ops' }],
  ['slack', { channel: 'slack' }],
  ['webhook:https://a.example/b', { channel: 'webhook', address: 'https://a.example/b' }],
] as const)('reads and writes %s', (text, target) => {
  expect(readTarget(text)).toEqual(target);
  expect(writeTarget(target)).toBe(text);
});

it('takes a word alone for a user', () => {
  expect(readTarget('anna')).toEqual({ user: 'anna' });
});
