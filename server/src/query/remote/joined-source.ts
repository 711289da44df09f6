import { labelsKey } from '../../model/labels.ts';
import type { SeriesSource, SourceSeries } from '../promql/index.ts';

/**
 * Two sources as one: all series of both; of a series that both have, the samples of both, those of the first where they
 * have the same time. Where one fails, the query fails.
 */
export function joinSources(first: SeriesSource, second: SeriesSource): SeriesSource {
  return {
    async select(matchers, range, options) {
      const [ours, theirs] = await Promise.all([
        first.select(matchers, range, options),
        second.select(matchers, range, options),
      ]);
      if (theirs.length === 0) return ours;
      const added = new Map(theirs.map((series) => [labelsKey(series.labels), series]));
      const joined = ours.map((series) => {
        const key = labelsKey(series.labels);
        const other = added.get(key);
        added.delete(key);
        return other ? joinSeries(series, other) : series;
      });
      return [...joined, ...added.values()];
    },
  };
}

function joinSeries(first: SourceSeries, second: SourceSeries): SourceSeries {
  const known = new Set(first.timestamps);
  const places: { readonly from: SourceSeries; readonly at: number }[] = [];
  for (let at = 0; at < first.timestamps.length; at++) places.push({ from: first, at });
  for (let at = 0; at < second.timestamps.length; at++) {
    if (!known.has(second.timestamps[at]!)) places.push({ from: second, at });
  }
  places.sort((a, b) => a.from.timestamps[a.at]! - b.from.timestamps[b.at]!);
  const timestamps = Float64Array.from(places, ({ from, at }) => from.timestamps[at]!);
  const values = new Float64Array(places.length);
  // Piece by piece, since stale markers survive as bytes only.
  for (const [place, { from, at }] of places.entries()) values.set(from.values.subarray(at, at + 1), place);
  const { labels, histograms, startTimestamps, rollup } = first;
  const rolled = (column: 'sums' | 'mins' | 'maxs') =>
    Float64Array.from(places, ({ from, at }) => (from.rollup?.[column] ?? from.values)[at]!);
  return {
    labels,
    timestamps,
    values,
    ...(histograms && { histograms: places.map(({ from, at }) => from.histograms?.[at]) }),
    ...(rollup && {
      rollup: {
        until: rollup.until,
        counts: Float64Array.from(places, ({ from, at }) => from.rollup?.counts[at] ?? 1),
        sums: rolled('sums'),
        mins: rolled('mins'),
        maxs: rolled('maxs'),
      },
    }),
    ...(startTimestamps && {
      startTimestamps: Float64Array.from(places, ({ from, at }) => from.startTimestamps?.[at] ?? 0),
    }),
  };
}
