import {
  DEFAULT_LIMITS,
  type Expression,
  formatPromql,
  type InstantResult,
  type PromqlAnswer,
  type PromqlEngine,
  type PromqlQueryOptions,
  parsePromql,
  type RangeResult,
} from '../promql/index.ts';
import type { RemotePrometheus } from './remote-prometheus.ts';
import { readMatrix, readResult } from './remote-values.ts';

/** Queries that another server evaluates, in its dialect; it counts no samples for us. */
export class RemoteEngine implements PromqlEngine {
  readonly #remote: RemotePrometheus;

  constructor(remote: RemotePrometheus) {
    this.#remote = remote;
  }

  async instant(
    query: string | Expression,
    time: number,
    options: PromqlQueryOptions = {},
  ): Promise<PromqlAnswer<InstantResult>> {
    const { data, warnings, infos } = await this.#ask('/api/v1/query', query, { time: seconds(time) }, options);
    const result = readResult(data);
    // An empty vector does not say when it was evaluated.
    return {
      result: result.type === 'vector' ? { ...result, timestamp: time } : result,
      warnings,
      infos,
      samplesRead: 0,
    };
  }

  async range(
    query: string | Expression,
    { start, end, step }: { readonly start: number; readonly end: number; readonly step: number },
    options: PromqlQueryOptions = {},
  ): Promise<PromqlAnswer<RangeResult>> {
    const times = { start: seconds(start), end: seconds(end), step: seconds(step) };
    const { data, warnings, infos } = await this.#ask('/api/v1/query_range', query, times, options);
    return { result: { type: 'matrix', series: readMatrix(data) }, warnings, infos, samplesRead: 0 };
  }

  #ask(
    path: string,
    query: string | Expression,
    times: Readonly<Record<string, string>>,
    { signal, limits, isUncached }: PromqlQueryOptions,
  ) {
    const timeoutMs = limits?.timeoutMs ?? DEFAULT_LIMITS.timeoutMs;
    const text = typeof query === 'string' ? query : formatPromql(query);
    // What no Prometheus could read is refused here, with line and column.
    if (typeof query === 'string') parsePromql(query);
    const parameters = {
      query: text,
      ...times,
      timeout: `${Math.max(1, Math.ceil(timeoutMs / 1000))}s`,
      ...(limits?.lookbackMs !== undefined && { lookback_delta: seconds(limits.lookbackMs) }),
      ...(isUncached && { nocache: '1' }),
    };
    return this.#remote.ask(path, parameters, { timeoutMs, signal });
  }
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
