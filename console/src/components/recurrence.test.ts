import { expect, it } from 'vitest';
import { describeRecurrence, readRecurrence, writeRecurrence } from './recurrence.ts';

it('gives back every rule that it reads, and says it in words', () => {
  const f = (rrule: string | null, kind: string, words: string) => {
    expect([readRecurrence(rrule).kind, describeRecurrence(rrule)]).toEqual([kind, words]);
    expect(writeRecurrence(readRecurrence(rrule))).toBe(rrule);
  };
  f(null, 'once', 'once');
  f('FREQ=DAILY', 'daily', 'every day');
  f('FREQ=WEEKLY', 'weekly', 'every week');
  f('FREQ=WEEKLY;BYDAY=MO,SU', 'weekly', 'every Mon, Sun');
  f('FREQ=MONTHLY', 'monthly', 'every month');
  f('FREQ=MONTHLY;BYDAY=-1SU', 'custom', 'FREQ=MONTHLY;BYDAY=-1SU');
});

it('puts days into the order of the week', () => {
  expect(writeRecurrence({ kind: 'weekly', days: ['SU', 'MO'], rule: '' })).toBe('FREQ=WEEKLY;BYDAY=MO,SU');
});
