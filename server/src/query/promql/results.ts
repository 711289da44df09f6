import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { InstantResult, RangeResult, ResultSeries } from './engine-contract.ts';
import type { EvaluationContext } from './evaluation/context.ts';
import type { Grid } from './evaluation/grid.ts';
import { sortByLabels } from './evaluation/labels.ts';
import { settleNames } from './evaluation/merge.ts';
import { timesOf } from './evaluation/selection.ts';
import {
  HISTOGRAM,
  NOTHING,
  type RangeVector,
  type Value,
  type VectorSeries,
  type VectorValue,
} from './evaluation/values.ts';

export function instantResult(value: Value, timestamp: number): InstantResult {
  if (value.type === 'string') return { type: 'string', timestamp, value: value.value };
  if (value.type === 'scalar') return { type: 'scalar', timestamp, value: value.values[0]! };
  const samples = settled(value)
    .filter((series) => series.present[0] !== NOTHING)
    .map(({ labels, present, values, histograms }) =>
      present[0] === HISTOGRAM
        ? { labels, value: Number.NaN, histogram: histograms![0] }
        : { labels, value: values[0]! },
    );
  return { type: 'vector', timestamp, samples, hasStoredLabels: value.distinct === true };
}

export async function rangeResult(value: Value, grid: Grid, context: EvaluationContext): Promise<RangeResult> {
  const times = timesOf(grid);
  if (value.type === 'string') return { type: 'matrix', series: [] };
  if (value.type === 'scalar') {
    return { type: 'matrix', series: [{ labels: {}, timestamps: times, values: value.values }] };
  }
  const series: ResultSeries[] = [];
  for (const one of settled(value)) {
    const points = toPoints(one, times);
    if (points.timestamps.length > 0) series.push(points);
    if (context.isDue) await context.pause();
  }
  return { type: 'matrix', series: sortByLabels(series) };
}

function settled({ series, distinct }: VectorValue): readonly VectorSeries[] {
  return distinct ? series : settleNames(series);
}

/** The samples of a range vector's only window. */
export function windowResult({ series, width, ends }: RangeVector): InstantResult {
  const end = ends[0]!;
  const found = series.map(({ labels, timestamps, values, histograms }) => {
    let from = 0;
    while (from < timestamps.length && timestamps[from]! <= end - width) from++;
    let to = from;
    while (to < timestamps.length && timestamps[to]! <= end) to++;
    const window = { labels, timestamps: timestamps.slice(from, to), values: values.slice(from, to) };
    return histograms ? { ...window, histograms: histograms.slice(from, to) } : window;
  });
  return {
    type: 'matrix',
    series: sortByLabels(found.filter((one) => one.timestamps.length > 0)),
  };
}

function toPoints(series: VectorSeries, times: Float64Array): ResultSeries {
  const { labels, present, values, histograms } = series;
  if (!histograms && !present.includes(NOTHING)) return { labels, timestamps: times, values };
  const count = countPresent(present);
  const timestamps = new Float64Array(count);
  const kept = new Float64Array(count);
  const keptHistograms = present.includes(HISTOGRAM) ? new Array<NativeHistogram | undefined>(count) : undefined;
  let at = 0;
  for (let step = 0; step < present.length; step++) {
    if (present[step] === NOTHING) continue;
    const isHistogram = present[step] === HISTOGRAM;
    timestamps[at] = times[step]!;
    kept[at] = isHistogram ? Number.NaN : values[step]!;
    if (keptHistograms) keptHistograms[at] = isHistogram ? histograms![step] : undefined;
    at++;
  }
  const points = { labels, timestamps, values: kept };
  return keptHistograms ? { ...points, histograms: keptHistograms } : points;
}

function countPresent(present: Uint8Array): number {
  let count = 0;
  for (let step = 0; step < present.length; step++) if (present[step] !== NOTHING) count++;
  return count;
}
