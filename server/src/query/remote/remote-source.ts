import { ServiceError } from '../../model/errors.ts';
import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { TimeRange } from '../../model/time-range.ts';
import { DEFAULT_LIMITS, formatPromql, type SeriesSource, type SourceSeries, selector } from '../promql/index.ts';
import type { RemotePrometheus } from './remote-prometheus.ts';
import { readMatrix } from './remote-values.ts';

/**
 * The samples of another server as a source for our evaluation: an instant query of a range selector gives them as they
 * are, from every server that speaks the API. Stale markers and native histograms do not come along.
 */
export class RemoteSource implements SeriesSource {
  readonly #remote: RemotePrometheus;

  constructor(remote: RemotePrometheus) {
    this.#remote = remote;
  }

  async select(
    matchers: readonly LabelMatcher[],
    { start, end }: TimeRange,
    { maxSamples, signal }: { readonly maxSamples: number; readonly signal?: AbortSignal },
  ): Promise<SourceSeries[]> {
    // One millisecond more: before Prometheus 3 the start belonged to the range, since then it does not.
    const range = { kind: 'literal', milliseconds: end - start + 1 } as const;
    const span = { start: 0, end: 0 };
    const query = formatPromql({ kind: 'matrix-selector', selector: selector(matchers), range, span });
    const parameters = { query, time: (end / 1000).toFixed(3) };
    const { data } = await this.#remote.ask('/api/v1/query', parameters, {
      timeoutMs: DEFAULT_LIMITS.timeoutMs,
      signal,
    });
    let samples = 0;
    const found: SourceSeries[] = [];
    for (const series of readMatrix(data)) {
      const inside = within(series, start, end);
      samples += inside.timestamps.length;
      if (samples > maxSamples) {
        const message = `the query reads more than its limit of ${maxSamples} samples; narrow its selectors or its time range`;
        throw new ServiceError('invalid', message, { issues: [{ path: 'query', message }] });
      }
      if (inside.timestamps.length > 0) found.push(inside);
    }
    return found;
  }
}

function within({ labels, timestamps, values }: SourceSeries, start: number, end: number): SourceSeries {
  let from = 0;
  let to = timestamps.length;
  while (from < to && timestamps[from]! < start) from++;
  while (to > from && timestamps[to - 1]! > end) to--;
  return { labels, timestamps: timestamps.subarray(from, to), values: values.subarray(from, to) };
}
