import type { Labels } from '../../../../model/labels.ts';
import type { SeriesColumns } from '../../metric-store.ts';
import { attach } from '../attach.ts';
import type { RolledHistogram } from './histogram-rollup-reader.ts';

/** Rollups of one series: its floats with its histograms between them; nothing where there is neither. */
export function attachRolled(
  labels: Labels,
  floats: SeriesColumns | undefined,
  histograms: readonly RolledHistogram[] = [],
): SeriesColumns[] {
  if (histograms.length === 0) return floats ? [floats] : [];
  const [merged] = attach(labels, floats, histograms);
  const { timestamps } = merged!;
  const shares = new Map(histograms.map(({ timestamp, standsFor }) => [timestamp, standsFor]));
  const places = new Map(Array.from(floats?.timestamps ?? [], (time, place) => [time, place]));
  const column = (name: 'counts' | 'sums' | 'mins' | 'maxs') =>
    timestamps.map((time) => {
      if (name === 'counts' && shares.has(time)) return shares.get(time)!;
      const place = shares.has(time) ? undefined : places.get(time);
      return place === undefined ? Number.NaN : floats!.rollup![name][place]!;
    });
  return [
    {
      ...merged!,
      rollup: {
        until: timestamps.at(-1)!,
        counts: column('counts'),
        sums: column('sums'),
        mins: column('mins'),
        maxs: column('maxs'),
      },
    },
  ];
}
