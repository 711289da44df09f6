import type { ExpositionSample } from '../../lib/parse-exposition.ts';
import { type Labels, labelsKey } from '../../model/labels.ts';
import type { SeriesSamples } from '../../model/metric.ts';

/** Suffixes of what counts, and so has a start. */
const COUNTS: ReadonlySet<string> = new Set(['_total', '_bucket', '_count', '_sum']);

/** Pushed samples as series of the present moment, with their exemplars and the start that `_created` tells. */
export function toSeries(samples: readonly ExpositionSample[], grouping: Labels, now: number): SeriesSamples[] {
  const starts = startsOf(samples);
  return samples.map((sample) => {
    const { name, labels, value, exemplar, family } = sample;
    const { type, unit, help } = family;
    const start = COUNTS.has(suffixOf(sample)) ? starts.get(keyOf(sample)) : undefined;
    return {
      name,
      labels: withoutEmpty({ ...labels, ...grouping }),
      type,
      unit,
      help,
      timestamps: [now],
      values: [value],
      ...(start !== undefined && start < now && { startTimestamps: [start] }),
      ...(exemplar && { exemplars: [{ ...exemplar, timestamp: exemplar.timestamp ?? now }] }),
    };
  });
}

/** Unix milliseconds by metric and labels; OpenMetrics tells seconds. */
function startsOf(samples: readonly ExpositionSample[]): ReadonlyMap<string, number> {
  const starts = new Map<string, number>();
  for (const sample of samples) {
    const start = Math.round(sample.value * 1000);
    if (suffixOf(sample) === '_created' && start > 0) starts.set(keyOf(sample), start);
  }
  return starts;
}

function suffixOf({ name, family }: ExpositionSample): string {
  return name.slice(family.name.length);
}

/** The same for all samples of one metric with one set of labels. */
function keyOf({ labels: { le: _, ...labels }, family }: ExpositionSample): string {
  return `${family.name}\u0003${labelsKey(labels)}`;
}

function withoutEmpty(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}
