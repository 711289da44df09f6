import { toSchema } from '../../lib/native-histogram/resolution.ts';
import type { HistogramSample } from '../../model/metric.ts';
import { CUSTOM_BUCKETS, type HistogramBuckets, type NativeHistogram } from '../../model/native-histogram.ts';
import { MOST_BUCKETS, type WireBuckets, type WireHistogram } from './wire-histogram.ts';

const FINEST_SCHEMA = 8;
const COARSEST_SCHEMA = -4;
/** Exponential schemas that may come one day; they are brought to the finest one that is known. */
const LAST_SCHEMA = 52;

/**
 * A histogram of a request as it is stored; `undefined` where its parts do not fit together.
 * https://prometheus.io/docs/specs/native_histograms/#data-model
 */
export function toHistogramSample(wire: WireHistogram): HistogramSample | undefined {
  const { timestamp, startTimestamp } = wire;
  if (wire.stale) return { timestamp, startTimestamp, histogram: undefined };
  const positive = readBuckets(wire.positive);
  const negative = readBuckets(wire.negative);
  if (!positive || !negative || !(wire.count >= 0) || !(wire.zeroCount >= 0) || !(wire.zeroThreshold >= 0)) {
    return undefined;
  }
  const histogram: NativeHistogram = {
    schema: wire.schema,
    count: wire.count,
    sum: wire.sum,
    zeroThreshold: wire.zeroThreshold,
    zeroCount: wire.zeroCount,
    positive,
    negative,
    customValues: wire.customBounds,
    hint: wire.hint,
  };
  const fits = wire.schema === CUSTOM_BUCKETS ? fitsCustom(histogram) : fitsExponential(histogram);
  if (!fits || !hasItsCount(histogram)) return undefined;
  return { timestamp, startTimestamp, histogram: toSchema(histogram, Math.min(histogram.schema, FINEST_SCHEMA)) };
}

function readBuckets({ spans, deltas, counts }: WireBuckets): HistogramBuckets | undefined {
  const total = Math.max(deltas.length, counts.length);
  if (total > MOST_BUCKETS || (deltas.length > 0 && counts.length > 0)) return undefined;
  const indexes: number[] = [];
  let next = 0;
  for (let span = 0; span < spans.length; span += 2) {
    if (span > 0 && spans[span]! < 0) return undefined;
    next += spans[span]!;
    const end = next + spans[span + 1]!;
    if (indexes.length + spans[span + 1]! > total) return undefined;
    for (; next < end; next++) indexes.push(next);
  }
  if (indexes.length !== total) return undefined;
  const read = counts.length > 0 ? counts : sumsOf(deltas);
  return read.every((count) => count >= 0) ? { indexes, counts: read } : undefined;
}

/** The counts of buckets of which each is told against the one before. */
function sumsOf(deltas: readonly number[]): number[] {
  let count = 0;
  return deltas.map((delta) => {
    count += delta;
    return count;
  });
}

function fitsExponential({ schema, customValues }: NativeHistogram): boolean {
  return schema >= COARSEST_SCHEMA && schema <= LAST_SCHEMA && customValues.length === 0;
}

/** Bucket `i` ends at the bound `i`; the one after the last bound has none. */
function fitsCustom({ positive, negative, zeroCount, customValues }: NativeHistogram): boolean {
  if (customValues.length > MOST_BUCKETS || negative.indexes.length > 0 || zeroCount !== 0) return false;
  const isAscending = customValues.every(
    (bound, index) => Number.isFinite(bound) && (index === 0 || bound > customValues[index - 1]!),
  );
  return isAscending && positive.indexes.every((index) => index >= 0 && index <= customValues.length);
}

/** Observations of NaN are in no bucket. Counts of float histograms are sums of products: nearly all is all. */
function hasItsCount({ count, sum, zeroCount, positive, negative }: NativeHistogram): boolean {
  let found = zeroCount;
  for (const { counts } of [positive, negative]) for (const more of counts) found += more;
  if (Number.isNaN(sum) || !Number.isSafeInteger(count)) return found <= count * (1 + 1e-9);
  return Math.abs(found - count) <= count * 1e-9;
}
