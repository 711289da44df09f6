import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import {
  explainReason,
  explainRequestRefusal,
  type IntakeStats,
  type Pipeline,
  type RateLimit,
} from '../../pipeline/index.ts';
import { type IngestReport, type IngestSource, ingestReport, type WritePath } from '../contract/ingest.ts';

export interface IngestDependencies {
  readonly pipeline: Pick<Pipeline, 'stats' | 'inFlight' | 'limits' | 'rateLimitOf' | 'rateLimits'>;
  /** Series of all metrics. */
  readonly seriesCount: () => number;
  /** What lies between an answer to a sender and the tables. */
  readonly writePath: () => WritePath;
  readonly clock: Clock;
}

const MOST_EXAMPLES = 50;

export function ingestRoutes(dependencies: IngestDependencies): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/monitoring/ingest',
      tag: 'monitoring',
      summary: 'What comes in, what of it is not stored and why, and the limits',
      description: 'Counts run since the start of the process. Names of metrics and services are shown, never values.',
      scope: 'read',
      success: { status: 200, schema: ingestReport },
      handle: () => report(dependencies),
    }),
  ];
}

function report({ pipeline, seriesCount, writePath, clock }: IngestDependencies): IngestReport {
  const stats = pipeline.stats();
  const { limits } = pipeline;
  const seconds = (milliseconds: number | undefined) => (milliseconds === undefined ? null : milliseconds / 1000);
  return {
    timestamp: formatInstant(clock.now()),
    sources: stats
      .filter(({ lastReceivedAt }) => lastReceivedAt !== undefined)
      .map((each) => describeSource(each, pipeline)),
    examples: newestExamples(stats),
    in_flight: (['spans', 'logs', 'samples'] as const).map((signal) => ({
      signal,
      items: pipeline.inFlight()[signal],
      limit: limits.inFlight[signal],
    })),
    series: { count: seriesCount(), limit: limits.series, per_metric_limit: limits.seriesPerMetric },
    limits: {
      max_age_seconds: {
        spans: seconds(limits.maxAgeMs.spans),
        logs: seconds(limits.maxAgeMs.logs),
        samples: seconds(limits.maxAgeMs.samples),
      },
      max_ahead_seconds: seconds(limits.maxAheadMs),
      attributes: limits.attributeCount,
      attribute_value_length: limits.attributeValueLength,
      body_length: limits.bodyLength,
      labels: limits.labelCount,
      label_value_length: limits.labelValueLength,
      rates: {
        standard: showRate(pipeline.rateLimits.standard),
        sources: showRates(pipeline.rateLimits.sources),
        keys: showRates(pipeline.rateLimits.keys),
      },
    },
    write_path: writePath(),
  };
}

function describeSource(stats: IntakeStats, pipeline: IngestDependencies['pipeline']): IngestSource {
  const { source, signal, accepted, rateLimited, failed, truncated, redacted, lastReceivedAt, perSecond } = stats;
  return {
    source,
    signal,
    accepted,
    rejected: countReasons(stats.rejected, explainReason),
    refused_requests: countReasons(stats.refusedRequests, explainRequestRefusal),
    dropped: countReasons(stats.dropped, explainReason),
    rate_limited: rateLimited,
    failed,
    truncated,
    redacted,
    last_received_at: lastReceivedAt === undefined ? null : formatInstant(lastReceivedAt),
    accepted_per_second: perSecond.accepted,
    refused_per_second: perSecond.refused,
    limits: showRate(pipeline.rateLimitOf(source)),
  };
}

function showRate({ itemsPerSecond, bytesPerSecond }: RateLimit): IngestSource['limits'] {
  return { items_per_second: itemsPerSecond ?? null, bytes_per_second: bytesPerSecond ?? null };
}

function showRates(limits: Readonly<Record<string, RateLimit>>): Record<string, IngestSource['limits']> {
  return Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, showRate(limit)]));
}

/** The most frequent first. */
function countReasons<Reason extends string>(
  counts: Readonly<Partial<Record<Reason, number>>>,
  explain: (reason: Reason) => { description: string; advice: string },
): IngestSource['rejected'] {
  return (Object.entries(counts) as [Reason, number][])
    .map(([reason, count]) => ({ reason, ...explain(reason), count }))
    .sort((a, b) => b.count - a.count);
}

function newestExamples(stats: readonly IntakeStats[]): IngestReport['examples'] {
  return stats
    .flatMap(({ source, signal, examples }) => examples.map((example) => ({ ...example, source, signal })))
    .sort((a, b) => b.at - a.at)
    .slice(0, MOST_EXAMPLES)
    .map(({ at, source, signal, reason, subject, detail, count }) => ({
      time: formatInstant(at),
      source,
      signal,
      reason,
      description: explainReason(reason).description,
      subject,
      detail,
      count,
    }));
}
