import { expect, it } from 'vitest';
import { lintLines } from './lint-lines.ts';

it('says each thing once, with all its places and all whom it is about', () => {
  const noAddress = (path: string, user: string) => {
    return { path, level: 'warning' as const, user, message: `${user}: no address` };
  };
  const lint = [
    noAddress('steps[0].targets[0]', 'anna'),
    noAddress('steps[0].targets[0]', 'ben'),
    noAddress('steps[1].targets[0]', 'anna'),
    { path: 'steps[1].targets[1]', level: 'error' as const, message: 'there is no receiver ops' },
    noAddress('fallback[0]', 'anna'),
  ];
  expect(lintLines(lint)).toEqual([
    { level: 'warning', places: 'step 1, step 2, fallback', text: 'anna, ben: no address' },
    { level: 'error', places: 'step 2', text: 'there is no receiver ops' },
  ]);
});
