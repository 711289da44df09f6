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

/** All samples of a series are refused when one is out of bounds: a series comes with few, mostly with one. */
export const sampleTimeBounds: Stage<SeriesSamples> = (context) => {
  const window = windowOf(context, 'samples');
  return (series) => {
    for (let index = 0; index < series.timestamps.length; index++) {
      const reason = checkMilliseconds(series.timestamps[index]!, window);
      if (reason) return reason;
    }
    for (const attached of [series.histograms, series.exemplars]) {
      for (const { timestamp } of attached ?? []) {
        const reason = checkMilliseconds(timestamp, window);
        if (reason) return reason;
      }
    }
    return series;
  };
};

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
  if (time < 0n || time > MOST_NANO) return 'time_out_of_range';
  return checkMilliseconds(Number(time / 1_000_000n), window);
}

function checkMilliseconds(time: number, { earliest, latest }: Window): RejectionReason | undefined {
  if (time >= earliest && time <= latest) return undefined;
  if (!(time >= 0 && time <= MOST_MILLISECONDS)) return 'time_out_of_range';
  return time < earliest ? 'too_old' : 'too_far_in_future';
}
