import type { LogRecord } from '../model/log-record.ts';
import type { SeriesSamples } from '../model/metric.ts';
import type { Span } from '../model/span.ts';
import type { Signal } from './intake-stats.ts';
import type { RejectionReason } from './rejection.ts';
import type { Stage, StageContext } from './stage.ts';

/** 2262-04-11T23:47:16Z: the last nanosecond of a signed 64-bit count, which the store's times are. */
const MOST_NANO = 2n ** 63n - 1n;
const MOST_MILLISECONDS = 9_223_372_036_854;

export const spanTimeBounds: Stage<Span> = (context) => {
  const window = windowOf(context, 'spans');
  return (span) => checkNano(span.startTimeUnixNano, window) ?? span;
};

export const logTimeBounds: Stage<LogRecord> = (context) => {
  const window = windowOf(context, 'logs');
  return (record) => checkNano(record.timeUnixNano, window) ?? record;
};

/** Each sample is judged by itself; with histograms or exemplars, the series as a whole. */
export const sampleTimeBounds: Stage<SeriesSamples> = (context) => {
  const window = windowOf(context, 'samples');
  return (series) => {
    const { timestamps, histograms, exemplars } = series;
    for (let index = 0; index < timestamps.length; index++) {
      const time = timestamps[index]!;
      if (time >= window.earliest && time <= window.latest) continue;
      const isAlone = timestamps.length === 1 || histograms || exemplars;
      return isAlone ? checkMilliseconds(time, window)! : withoutWrongTimes(series, window, context);
    }
    if (histograms || exemplars) return checkAttached(series, window) ?? series;
    return series;
  };
};

function checkAttached({ histograms, exemplars }: SeriesSamples, window: Window): RejectionReason | undefined {
  for (const attached of [histograms, exemplars]) {
    for (const { timestamp } of attached ?? []) {
      const reason = checkMilliseconds(timestamp, window);
      if (reason) return reason;
    }
  }
  return undefined;
}

function withoutWrongTimes(
  series: SeriesSamples,
  window: Window,
  { refusePart }: StageContext,
): SeriesSamples | RejectionReason {
  const times = Array.from(series.timestamps);
  const reasons = times.map((time) => checkMilliseconds(time, window));
  const kept = [...times.keys()].filter((index) => reasons[index] === undefined);
  if (kept.length === 0) return reasons[0]!;
  for (const reason of new Set(reasons)) if (reason) refusePart(reason, reasons.filter((one) => one === reason).length);
  const { values, startTimestamps } = series;
  return {
    ...series,
    timestamps: kept.map((index) => times[index]!),
    values: pick(values, kept),
    ...(startTimestamps && { startTimestamps: kept.map((index) => startTimestamps[index]!) }),
  };
}

/** Values stay in memory of their kind: NaN with a payload does not always survive as a number. */
function pick(values: ArrayLike<number>, kept: readonly number[]): ArrayLike<number> {
  if (!(values instanceof Float64Array)) return kept.map((index) => values[index]!);
  const picked = new Float64Array(kept.length);
  for (const [to, from] of kept.entries()) picked.set(values.subarray(from, from + 1), to);
  return picked;
}

/** Unix milliseconds, both ends taken. */
interface Window {
  readonly earliest: number;
  readonly latest: number;
}

function windowOf({ limits, now }: StageContext, signal: Signal): Window {
  const maxAge = limits.maxAgeMs[signal];
  return {
    earliest: maxAge === undefined ? 0 : Math.max(0, now.earliest - maxAge),
    latest: Math.min(MOST_MILLISECONDS, now.latest + (limits.maxAheadMs ?? MOST_MILLISECONDS)),
  };
}

function checkNano(time: bigint, window: Window): RejectionReason | undefined {
  // As a double it is off by less than a microsecond: whatever lies well inside is settled without 64-bit arithmetic.
  const about = Number(time) / 1e6;
  if (about > window.earliest + 1 && about < window.latest - 1) return undefined;
  if (time < 0n || time > MOST_NANO) return 'time_out_of_range';
  return checkMilliseconds(Number(time / 1_000_000n), window);
}

function checkMilliseconds(time: number, { earliest, latest }: Window): RejectionReason | undefined {
  if (time >= earliest && time <= latest) return undefined;
  if (!(time >= 0 && time <= MOST_MILLISECONDS)) return 'time_out_of_range';
  return time < earliest ? 'too_old' : 'too_far_in_future';
}
