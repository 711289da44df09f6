import {
  type NotedValue,
  parseNotedSeries,
  parseNotedValues,
} from '../../server/src/alerting/rule-tests/series-notation.ts';
import type { LabelMatcher } from '../../server/src/model/label-matcher.ts';
import { type Labels, labelsKey } from '../../server/src/model/labels.ts';
import type { NativeHistogram } from '../../server/src/model/native-histogram.ts';
import type { TimeRange } from '../../server/src/model/time-range.ts';
import { wasReset } from '../../server/src/query/promql/histogram/resets.ts';
import type { SeriesSource, SourceSeries } from '../../server/src/query/promql/index.ts';
import { compileMatchers } from '../../server/src/query/promql/matcher.ts';

interface StoredSeries {
  readonly labels: Labels;
  readonly samples: Map<number, NotedValue>;
  /** Start timestamps by the time of their samples. */
  readonly starts: Map<number, number>;
}

/** Series in memory, loaded in the notation of Prometheus' test scripts. */
export class MemorySeriesSource implements SeriesSource {
  readonly #series = new Map<string, StoredSeries>();

  clear(): void {
    this.#series.clear();
  }

  /** Value `i` of a line `name{label="x"} 0+10x5` gets the time `start + i * step`, milliseconds. */
  load(lines: readonly string[], step: number, start = 0): this {
    for (const line of lines) {
      const { labels, rest } = parseNotedSeries(line);
      this.add(labels, parseNotedValues(rest), step, start);
    }
    return this;
  }

  add(labels: Labels, values: readonly NotedValue[], step: number, start = 0): void {
    const key = labelsKey(labels);
    const stored = this.#series.get(key) ?? {
      labels,
      samples: new Map<number, NotedValue>(),
      starts: new Map<number, number>(),
    };
    this.#series.set(key, stored);
    for (const [index, value] of hinted(values).entries()) {
      if (value !== undefined) stored.samples.set(start + index * step, value);
    }
  }

  /** Start timestamps as distances (seconds) from their samples, which are added apart. */
  addStarts(labels: Labels, distances: readonly NotedValue[], step: number): void {
    this.add(labels, [], step);
    const { starts } = this.#series.get(labelsKey(labels))!;
    for (const [index, distance] of distances.entries()) {
      if (typeof distance === 'number') starts.set(index * step, index * step + Math.round(distance * 1000));
    }
  }

  async select(matchers: readonly LabelMatcher[], range: TimeRange): Promise<SourceSeries[]> {
    const accepts = compileMatchers(matchers);
    const found: SourceSeries[] = [];
    for (const { labels, samples, starts } of this.#series.values()) {
      if (!accepts(labels)) continue;
      const times = [...samples.keys()]
        .filter((time) => time >= range.start && time <= range.end)
        .sort((a, b) => a - b);
      if (times.length === 0) continue;
      const values = new Float64Array(times.length);
      const histograms = times.map((time) => {
        const value = samples.get(time);
        return typeof value === 'object' ? value : undefined;
      });
      for (const [index, time] of times.entries()) setValue(values, index, samples.get(time)!);
      const columns = {
        labels,
        timestamps: Float64Array.from(times),
        values,
        ...(starts.size > 0 && { startTimestamps: Float64Array.from(times, (time) => starts.get(time) ?? 0) }),
      };
      found.push(histograms.some(Boolean) ? { ...columns, histograms } : columns);
    }
    return found;
  }
}

function setValue(values: Float64Array, index: number, value: NonNullable<NotedValue>): void {
  if (value === 'stale') new DataView(values.buffer).setBigUint64(index * 8, 0x7ff0000000000002n, true);
  else values[index] = typeof value === 'number' ? value : Number.NaN;
}

/** Histograms with the reset hints that a store finds out when they come in one after the other. */
function hinted(values: readonly NotedValue[]): NotedValue[] {
  let previous: NativeHistogram | undefined;
  return values.map((value) => {
    if (typeof value !== 'object') {
      if (value !== undefined) previous = undefined;
      return value;
    }
    const before = previous;
    previous = value.hint === 'gauge' ? undefined : value;
    if (value.hint === 'gauge') return value;
    const continues = before && value.hint !== 'reset' && !wasReset({ ...value, hint: 'unknown' }, before);
    return { ...value, hint: continues ? 'not_reset' : 'unknown' };
  });
}
