import { describe, expect, it } from 'vitest';
import type { AlertTest } from '../../api-client/types.ts';
import { describeTest } from './describe-test.ts';

const test = (part: Partial<AlertTest>): AlertTest => ({
  ...{ query: 'x', start: '', end: '', step_seconds: 15, series: 1, would_have_fired: 0, longest_seconds: 0 },
  ...{ episodes: [], is_cut: false, is_thinned: false, told: [], people: [] },
  ...part,
});

describe('describeTest', () => {
  it.each([
    [{}, 'Would not have fired in this time.'],
    [
      { is_thinned: true, step_seconds: 720 },
      'Would not have fired in this time. Looked at every 12 min: what was shorter may be missing.',
    ],
    [{ would_have_fired: 1, longest_seconds: 60 }, 'Would have fired once, longest 60 s; nobody would have heard.'],
    [
      {
        would_have_fired: 7,
        longest_seconds: 720,
        told: [
          { receiver: 'default', times: 5, at_night: 2, muted: 0 },
          { receiver: 'bob', times: 1, at_night: 0, muted: 1 },
          { receiver: 'quiet', times: 0, at_night: 0, muted: 7 },
        ],
      },
      'Would have fired 7 times, longest 12 min; would have told the default recipients 5 times (twice at night), bob once.',
    ],
    [
      {
        would_have_fired: 3,
        longest_seconds: 720,
        told: [{ receiver: 'direct', times: 3, at_night: 2, muted: 0 }],
        people: [
          { user: 'anna', times: 2, at_night: 2 },
          { user: 'ben', times: 1, at_night: 0 },
        ],
      },
      'Would have fired 3 times, longest 12 min; would have told those named here 3 times (twice at night). Would have notified anna twice (twice at night), ben once, had nobody acknowledged.',
    ],
    [
      { would_have_fired: 1200, longest_seconds: 9000, is_cut: true },
      'Would have fired 1200 times and more, longest 2.5 h; nobody would have heard.',
    ],
  ])('%j', (part, sentence) => {
    expect(describeTest(test(part))).toBe(sentence);
  });
});
