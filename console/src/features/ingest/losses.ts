import type { IngestReport } from '../../api-client/types.ts';

type Source = IngestReport['sources'][number];

/** Items of one source that are not stored, for one reason. */
export interface Loss {
  readonly source: string;
  readonly signal: Source['signal'];
  readonly reason: string;
  readonly description: string;
  readonly advice: string;
  readonly count: number;
}

const RATE_LIMITED = {
  reason: 'rate_limited',
  description: 'beyond a rate limit; the sender was told to come again',
  advice: 'raise INGEST_ITEMS_PER_SECOND or INGEST_BYTES_PER_SECOND, or pipelines.limits, or send less',
};
const FAILED = {
  reason: 'failed',
  description: 'the store could not take it in time; the sender was told to come again',
  advice: 'look at the write path below and at the disk; with more senders than one machine bears, use ClickHouse',
};

/** Everything that was not stored, the most first. */
export function lossesOf(sources: IngestReport['sources']): Loss[] {
  return sources
    .flatMap(({ source, signal, rejected, refused_requests: requests, dropped, rate_limited: limited, failed }) =>
      [...rejected, ...requests, ...dropped, { ...RATE_LIMITED, count: limited }, { ...FAILED, count: failed }].map(
        (loss) => ({
          ...loss,
          source,
          signal,
        }),
      ),
    )
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}
