import { describe, expect, it } from 'vitest';
import { type MetricFamily, renderExposition } from './exposition.ts';

const families: MetricFamily[] = [
  {
    name: 'requests_total',
    help: 'Requests\nby "path"',
    type: 'counter',
    samples: [{ labels: { path: 'a"b\\c' }, value: 3 }],
  },
  {
    name: 'latency_seconds',
    help: 'Latency',
    type: 'histogram',
    samples: [
      { name: 'latency_seconds_bucket', labels: { le: '+Inf' }, value: 1 },
      { name: 'latency_seconds_sum', labels: {}, value: Number.POSITIVE_INFINITY },
    ],
  },
];

describe('renderExposition', () => {
  it('writes Prometheus text', () => {
    expect(renderExposition(families, 'text')).toBe(
      [
        '# HELP requests_total Requests\\nby "path"',
        '# TYPE requests_total counter',
        'requests_total{path="a\\"b\\\\c"} 3',
        '# HELP latency_seconds Latency',
        '# TYPE latency_seconds histogram',
        'latency_seconds_bucket{le="+Inf"} 1',
        'latency_seconds_sum +Inf',
        '',
      ].join('\n'),
    );
  });

  it('writes OpenMetrics: counters without _total in the family name, and an end', () => {
    const text = renderExposition(families, 'openmetrics');
    expect(text).toContain('# TYPE requests counter\nrequests_total{');
    expect(text.endsWith('# EOF\n')).toBe(true);
  });
});
