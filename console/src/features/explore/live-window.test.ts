import { expect, it } from 'vitest';
import { addEvent, chartSeriesOf, type LiveWindow, liveInterval } from './live-window.ts';

const at = (seconds: number) => new Date(seconds * 1000).toISOString();
const event = (seconds: number, values: Record<string, number | null>) => ({
  timestamp: at(seconds),
  results: [{ name: 'up', series: Object.entries(values).map(([job, value]) => ({ labels: { job }, value })) }],
});

it('moves on: newest points in, old ones and dead series out', () => {
  let window: LiveWindow = new Map();
  window = addEvent(window, event(0, { a: 1, b: 5 }), 10);
  window = addEvent(window, event(5, { a: 2 }), 10);
  window = addEvent(window, event(12, { a: null, c: 7 }), 10);
  expect(chartSeriesOf(window, 'up')).toEqual([
    {
      name: 'job=a',
      points: [
        [5, 2],
        [12, null],
      ],
    },
    { name: 'job=c', points: [[12, 7]] },
  ]);
});

it('takes an event that comes twice once', () => {
  const once = addEvent(new Map(), event(5, { a: 1 }), 10);
  expect(chartSeriesOf(addEvent(once, event(5, { a: 1 }), 10), 'up')).toEqual([{ name: 'job=a', points: [[5, 1]] }]);
});

it('asks often for short windows and seldom for long ones', () => {
  expect([300, 900, 3600].map(liveInterval)).toEqual([2, 3, 12]);
});
