import type { Labels } from '../../../model/labels.ts';
import type { HistogramSample } from '../../../model/metric.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';
import { STALE_MARKER_BITS } from '../../../model/stale-marker.ts';
import type { SeriesColumns } from '../metric-store.ts';
import type { Starts } from './start-timestamps.ts';

/**
 * The samples of one series with their start timestamps, and its histograms between them in the order of time; where
 * both have one timestamp the histogram is taken. Nothing where there is neither.
 */
export function attach(
  labels: Labels,
  floats: SeriesColumns | undefined,
  histograms: readonly HistogramSample[] = [],
  starts?: Starts,
): SeriesColumns[] {
  const plain = floats && starts ? { ...floats, startTimestamps: startsOf(floats.timestamps, starts) } : floats;
  if (histograms.length === 0) return plain ? [plain] : [];
  return [merge(labels, plain ?? { labels, timestamps: NONE, values: NONE }, histograms)];
}

const NONE = new Float64Array();

function startsOf(timestamps: Float64Array, { from, start }: Starts): Float64Array {
  const result = new Float64Array(timestamps.length);
  let at = -1;
  for (let index = 0; index < timestamps.length; index++) {
    while (at + 1 < from.length && from[at + 1]! <= timestamps[index]!) at++;
    if (at >= 0) result[index] = start[at]!;
  }
  return result;
}

function merge(labels: Labels, floats: SeriesColumns, histograms: readonly HistogramSample[]): SeriesColumns {
  const taken = new Set(histograms.map(({ timestamp }) => timestamp));
  let size = histograms.length;
  for (const time of floats.timestamps) if (!taken.has(time)) size++;
  const timestamps = new Float64Array(size);
  const values = new Float64Array(size).fill(Number.NaN);
  const column = new Array<NativeHistogram | undefined>(size).fill(undefined);
  const startTimestamps = new Float64Array(size);
  // As bits: NaN with a payload does not survive as a number.
  const words = new Uint32Array(values.buffer);
  const floatWords = new Uint32Array(floats.values.buffer, floats.values.byteOffset, 2 * floats.values.length);
  let next = 0;
  for (let at = 0, float = 0; at < size; ) {
    const sample = histograms[next];
    const time = floats.timestamps[float];
    if (time !== undefined && taken.has(time)) float++;
    else if (sample && (time === undefined || sample.timestamp < time)) {
      timestamps[at] = sample.timestamp;
      startTimestamps[at] = sample.startTimestamp;
      column[at] = sample.histogram;
      if (!sample.histogram) setStale(words, at);
      at++;
      next++;
    } else {
      timestamps[at] = time!;
      startTimestamps[at] = floats.startTimestamps?.[float] ?? 0;
      words[2 * at] = floatWords[2 * float]!;
      words[2 * at + 1] = floatWords[2 * float + 1]!;
      at++;
      float++;
    }
  }
  const merged = { labels, timestamps, values, histograms: column };
  return startTimestamps.some((start) => start !== 0) ? { ...merged, startTimestamps } : merged;
}

function setStale(words: Uint32Array, index: number): void {
  words[2 * index] = Number(STALE_MARKER_BITS & 0xffff_ffffn);
  words[2 * index + 1] = Number(STALE_MARKER_BITS >> 32n);
}
