import { describe, expect, it } from 'vitest';
import { labelsKey } from '../model/labels.ts';
import type { SeriesSamples } from '../model/metric.ts';
import type { PipelineLimits } from './limits.ts';
import { createPipeline } from './pipeline.ts';

const NOW = Date.UTC(2026, 10, 23);

/** A store that remembers its series, and counts how often it is asked for one. */
function setUp(limits: Partial<PipelineLimits>) {
  const known = new Map<string, Set<string>>();
  const lines: object[] = [];
  let asked = 0;
  let now = NOW;
  const log = (fields: object) => lines.push(fields);
  const pipeline = createPipeline({
    spans: { writeSpans: async () => {} },
    logs: { writeLogs: async () => {} },
    samples: {
      writeSamples: async (batch) => {
        for (const { name, labels } of batch) known.set(name, (known.get(name) ?? new Set()).add(labelsKey(labels)));
      },
    },
    clock: { now: () => now, setTimer: () => ({ cancel() {} }) },
    logger: { debug: log, info: log, warn: log, error: log },
    limits,
    knownSeries: {
      get seriesCount() {
        return [...known.values()].reduce((sum, { size }) => sum + size, 0);
      },
      countOf: (metric) => known.get(metric)?.size ?? 0,
      isKnown: ({ name, labels }) => {
        asked++;
        return known.get(name)?.has(labelsKey(labels)) ?? false;
      },
    },
  });
  return {
    known,
    lines,
    intake: pipeline.intake('test'),
    pipeline,
    asked: () => asked,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

function series(name: string, ...ids: number[]): SeriesSamples[] {
  return ids.map((id) => ({
    name,
    labels: { id: String(id) },
    type: 'gauge',
    unit: '',
    help: '',
    timestamps: [NOW],
    values: [id],
  }));
}

describe('the limits of series', () => {
  it('refuses new series of a full metric, by name and limit, and never known ones', async () => {
    const { intake } = setUp({ seriesPerMetric: 3 });
    await intake.writeSamples(series('a', 1, 2));
    const outcome = await intake.writeSamples([...series('a', 1, 2, 3, 4, 5, 3), ...series('b', 1, 2)]);
    expect(outcome).toEqual({
      accepted: 6,
      rejected: [
        {
          reason: 'per_metric_series_limit',
          count: 2,
          details: ['a: the limit is 3, INGEST_MAX_SERIES_PER_METRIC'],
        },
      ],
    });
    expect((await intake.writeSamples(series('a', 1, 2, 3))).rejected).toEqual([]);
  });

  it('has no limit per metric for the alerts of the rules', async () => {
    const { pipeline, known } = setUp({ seriesPerMetric: 3, series: 6 });
    await pipeline.intake('rules').writeSamples([...series('ALERTS', 1, 2, 3, 4, 5), ...series('recorded', 1)]);
    expect(known.get('ALERTS')!.size).toBe(5);
    const outcome = await pipeline.intake('rules').writeSamples(series('ALERTS', 6));
    expect(outcome.rejected).toMatchObject([{ reason: 'series_limit' }]);
    expect((await pipeline.intake('test').writeSamples(series('ALERTS', 7))).accepted).toBe(0);
  });

  it('refuses new series of all metrics beyond the limit of all', async () => {
    const { intake, pipeline } = setUp({ series: 3 });
    const outcome = await intake.writeSamples([...series('a', 1, 2), ...series('b', 1, 2)]);
    expect(outcome).toMatchObject({ accepted: 3, rejected: [{ reason: 'series_limit', count: 1 }] });
    expect(pipeline.stats().find(({ signal }) => signal === 'samples')).toMatchObject({
      rejected: { series_limit: 1 },
      examples: [{ reason: 'series_limit', subject: 'b', detail: 'b: the limit is 3, INGEST_MAX_SERIES' }],
    });
  });

  it('takes new ones again when the store has forgotten others', async () => {
    const { intake, known } = setUp({ seriesPerMetric: 2 });
    await intake.writeSamples(series('a', 1, 2));
    known.get('a')!.delete('id\u00011\u0002');
    expect((await intake.writeSamples(series('a', 3))).accepted).toBe(1);
  });

  it('does not ask for single series while the limits are far', async () => {
    const { intake, asked } = setUp({ seriesPerMetric: 100 });
    for (let round = 0; round < 3; round++) await intake.writeSamples(series('a', 1, 2, 3, 4, 5));
    expect(asked()).toBe(0);
  });

  it('says so in the log once a minute at most', async () => {
    const { intake, lines, pass } = setUp({ seriesPerMetric: 1 });
    for (let round = 0; round < 5; round++) await intake.writeSamples(series('a', 1, 2, 3));
    expect(lines).toHaveLength(1);
    pass(60_000);
    await intake.writeSamples(series('a', 4));
    expect(lines[1]).toMatchObject({ source: 'test', reason: 'per_metric_series_limit', refused: 9 });
  });
});
