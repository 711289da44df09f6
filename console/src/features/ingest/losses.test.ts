import { expect, it } from 'vitest';
import { lossesOf } from './losses.ts';

const source = {
  source: 'otlp',
  signal: 'logs' as const,
  accepted: 10,
  rejected: [],
  refused_requests: [],
  dropped: [],
  rate_limited: 0,
  failed: 0,
  truncated: 0,
  redacted: 0,
  last_received_at: null,
  accepted_per_second: 0,
  refused_per_second: 0,
  limits: { items_per_second: null, bytes_per_second: null },
};

it('lists what is not stored, of every kind, the most first', () => {
  const words = { description: 'd', advice: 'a' };
  const losses = lossesOf([
    source,
    { ...source, rejected: [{ reason: 'too_old', count: 2, ...words }], rate_limited: 5 },
    { ...source, source: 'json', dropped: [{ reason: 'filter', count: 3, ...words }], failed: 1 },
    { ...source, source: 'zipkin', refused_requests: [{ reason: 'malformed', count: 4, ...words }] },
  ]);
  expect(losses.map(({ source: from, reason, count }) => [from, reason, count])).toEqual([
    ['otlp', 'rate_limited', 5],
    ['zipkin', 'malformed', 4],
    ['json', 'filter', 3],
    ['otlp', 'too_old', 2],
    ['json', 'failed', 1],
  ]);
});
