import { expect, it } from 'vitest';
import { parseSelector } from './selector.ts';

it.each([
  ['up', { metric: 'up', labels: [] }],
  [' host_cpu_usage_percent{} ', { metric: 'host_cpu_usage_percent', labels: [] }],
  [
    'a:b{service="x", environment="y",}',
    {
      metric: 'a:b',
      labels: [
        ['service', 'x'],
        ['environment', 'y'],
      ],
    },
  ],
  ['up{job="a\\"b"}', { metric: 'up', labels: [['job', 'a"b']] }],
  ['rate(up[5m])', undefined],
  ['up{job=~"a"}', undefined],
  ['up > 1', undefined],
  ['', undefined],
])('%s', (query, expected) => {
  expect(parseSelector(query)).toEqual(expected);
});
