import { floatText } from '../../../lib/float-text.ts';
import { KeptTexts } from '../../../lib/kept-texts.ts';
import { bucketsOf, hasCustomBuckets } from '../../../lib/native-histogram/buckets.ts';
import { type Labels, sortedNames } from '../../../model/labels.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';
import type { InstantResult, RangeResult, ResultSeries } from '../../../query/promql/index.ts';
import { type ByteWriter, sampleText } from './byte-writer.ts';
import { secondsText } from './digits.ts';

type Vector = Extract<InstantResult, { type: 'vector' }>;

/** Points between two pauses; a few milliseconds. */
const POINTS_A_SLICE = 20_000;

/**
 * Writes the value of `result`. Yields every few milliseconds, so that the caller can let others have a turn.
 * https://prometheus.io/docs/prometheus/latest/querying/api/#expression-query-result-formats
 */
export function* writeResult(writer: ByteWriter, result: InstantResult | RangeResult): Generator<void> {
  switch (result.type) {
    case 'vector':
      return yield* writeVector(writer, result);
    case 'matrix':
      return yield* writeList(writer, result.series, (series) => writeSeries(writer, series));
    case 'scalar':
      return writeText(writer, result.timestamp, scalarText(result.value));
    case 'string':
      return writeText(writer, result.timestamp, result.value);
  }
}

/** `[...]` of items, each of which costs as many points as `write` says. */
export function* writeList<Item>(
  writer: ByteWriter,
  items: readonly Item[],
  write: (item: Item) => number,
): Generator<void> {
  writer.text('[');
  let cost = 0;
  for (const [position, item] of items.entries()) {
    if (position > 0) writer.text(',');
    cost += 20 + write(item);
    if (cost > POINTS_A_SLICE) {
      yield;
      cost = 0;
    }
  }
  writer.text(']');
}

/** Labels in order. */
export function writeLabels(writer: ByteWriter, labels: Labels): void {
  writer.text(labelsText(labels));
}

function labelsText(labels: Labels): string {
  let text = '{';
  for (const name of sortedNames(labels)) {
    text += `${text.length > 1 ? ',' : ''}${quote(name)}:${quote(labels[name]!)}`;
  }
  return `${text}}`;
}

const keptLabels = new KeptTexts(labelsText, 20_000);

/** As `JSON.stringify`, which is slow for texts that need nothing. */
function quote(text: string): string {
  return /^[ !#-[\]-~]*$/.test(text) ? `"${text}"` : JSON.stringify(text);
}

function writeText(writer: ByteWriter, milliseconds: number, text: string): void {
  writer.text(`[${milliseconds / 1000},${JSON.stringify(text)}]`);
}

function scalarText(value: number): string {
  return Object.is(value, -0) ? '-0' : floatText(value);
}

function* writeVector(writer: ByteWriter, { samples, timestamp, hasStoredLabels }: Vector): Generator<void> {
  const time = secondsText(timestamp);
  yield* writeList(writer, samples, ({ labels, value, histogram }) => {
    const text = hasStoredLabels ? keptLabels.get(labels) : labelsText(labels);
    if (!histogram) {
      writer.text(`{"metric":${text},"value":[${time},"${sampleText(value)}"]}`);
      return 1;
    }
    writer.text(`{"metric":${text},"histogram":`);
    writeHistogramPoint(writer, timestamp, histogram);
    writer.text('}');
    return 1;
  });
}

function writeSeries(writer: ByteWriter, { labels, timestamps, values, histograms }: ResultSeries): number {
  writer.text('{"metric":');
  writeLabels(writer, labels);
  if (!histograms) {
    writer.text(',"values":[');
    writer.points(timestamps, values);
    writer.text(']');
  } else if (timestamps.some((_, i) => !histograms[i])) {
    writer.text(',"values":[');
    writer.points(timestamps, values, (i) => histograms[i] !== undefined);
    writer.text(']');
  }
  if (histograms) writeHistograms(writer, timestamps, histograms);
  writer.text('}');
  return timestamps.length;
}

function writeHistograms(
  writer: ByteWriter,
  timestamps: Float64Array,
  histograms: readonly (NativeHistogram | undefined)[],
): void {
  let opening = ',"histograms":[';
  for (const [i, histogram] of histograms.entries()) {
    if (!histogram) continue;
    writer.text(opening);
    writeHistogramPoint(writer, timestamps[i]!, histogram);
    opening = ',';
  }
  if (opening === ',') writer.text(']');
}

function writeHistogramPoint(writer: ByteWriter, milliseconds: number, histogram: NativeHistogram): void {
  writer.text('[');
  writer.timestamp(milliseconds);
  writer.text(',{"count":');
  writer.value(histogram.count);
  writer.text(',"sum":');
  writer.value(histogram.sum);
  let opening = ',"buckets":[';
  for (const { lower, upper, count } of bucketsOf(histogram)) {
    if (count === 0) continue;
    writer.text(`${opening}[${boundaryRule(histogram, lower, upper)},`);
    writer.value(lower);
    writer.text(',');
    writer.value(upper);
    writer.text(',');
    writer.value(count);
    writer.text(']');
    opening = ',';
  }
  writer.text(opening === ',' ? ']}]' : '}]');
}

/** 0: open at the left, 1: open at the right, 3: closed at both sides. */
function boundaryRule(histogram: NativeHistogram, lower: number, upper: number): 0 | 1 | 3 {
  if (hasCustomBuckets(histogram)) return lower === Number.NEGATIVE_INFINITY ? 3 : 0;
  if (lower <= 0 && upper >= 0) return 3;
  return lower < 0 ? 1 : 0;
}
