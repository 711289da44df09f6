import { invalid } from '../model/errors.ts';
import type { ExplainedTimes, Explanation } from '../query/promql/index.ts';
import type { ExplainAnswer } from './contract/metric-explorer.ts';
import { instantOf, resolveWindow } from './window.ts';

interface TimesWish {
  readonly time?: string | undefined;
  readonly start?: string | undefined;
  readonly end?: string | undefined;
  /** Milliseconds. */
  readonly step?: number | undefined;
}

/** When a PromQL query is asked for: at one time, or step by step. Throws 422 where both are given, or half of one. */
export function queryTimes({ time, start, end, step }: TimesWish, now: number): ExplainedTimes {
  if (step === undefined) {
    if (start !== undefined || end !== undefined) {
      throw invalid({ path: 'step', message: 'is needed with start and end; use time for an instant query' });
    }
    return { time: time === undefined ? now : instantOf('time', time, now) };
  }
  if (time !== undefined) throw invalid({ path: 'time', message: 'is for an instant query; leave it out with step' });
  return { ...resolveWindow({ start, end }, now), step };
}

/** What each part of a query has given and taken. */
export function explanationOf(explained: Explanation): ExplainAnswer {
  return {
    query: explained.nodes[0]!.text,
    samples_read: explained.samplesRead,
    elapsed_ms: rounded(explained.milliseconds),
    nodes: explained.nodes.map(({ kind, text, type, parent, series, points, samplesRead, milliseconds }) => ({
      kind,
      text,
      type,
      parent: parent ?? null,
      series,
      points,
      samples_read: samplesRead,
      elapsed_ms: milliseconds === undefined ? null : rounded(milliseconds),
    })),
    warnings: [...explained.warnings],
    infos: [...explained.infos],
  };
}

function rounded(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
