import type { SeriesMemo, SeriesSamples } from '../../model/metric.ts';
import { staleMarkerColumn } from '../../model/stale-marker.ts';
import type { ScrapeJob } from './scrape-job.ts';
import type { Target } from './target.ts';

export interface ScrapeFacts {
  readonly up: boolean;
  readonly durationMs: number;
  readonly scraped: number;
  readonly kept: number;
  readonly added: number;
  /** Unpacked; 0 where there was no answer, -1 where it was too large. */
  readonly bodyBytes: number;
}

interface Report {
  readonly name: string;
  readonly unit: string;
  readonly help: string;
  readonly value: (facts: ScrapeFacts, target: Target, job: ScrapeJob) => number;
}

const STALE = staleMarkerColumn();

/** What every scrape says about itself, by the names that Prometheus gives it. */
const REPORTS: readonly Report[] = [
  { name: 'up', unit: '', help: '1: the target answered the scrape, 0: it did not', value: ({ up }) => Number(up) },
  {
    name: 'scrape_duration_seconds',
    unit: 'seconds',
    help: 'Time that the scrape took',
    value: ({ durationMs }) => durationMs / 1000,
  },
  { name: 'scrape_samples_scraped', unit: '', help: 'Samples in the answer', value: ({ scraped }) => scraped },
  {
    name: 'scrape_samples_post_metric_relabeling',
    unit: '',
    help: 'Samples left after metric_relabel_configs',
    value: ({ kept }) => kept,
  },
  { name: 'scrape_series_added', unit: '', help: 'Series that are new in this scrape', value: ({ added }) => added },
];

const EXTRA_REPORTS: readonly Report[] = [
  {
    name: 'scrape_timeout_seconds',
    unit: 'seconds',
    help: 'Time that a scrape may take',
    value: (_, { timeoutMs }) => timeoutMs / 1000,
  },
  {
    name: 'scrape_sample_limit',
    unit: '',
    help: 'Samples that a scrape may have; 0: any number',
    value: (_facts, _target, job) => job.samples.sampleLimit,
  },
  {
    name: 'scrape_body_size_bytes',
    unit: 'bytes',
    help: 'Size of the answer, unpacked; -1: too large',
    value: ({ bodyBytes }) => bodyBytes,
  },
];

/** The series that tell about the scrapes of one target. */
export function reportSeries(target: Target, job: ScrapeJob) {
  const memo = (report: Report): Report & { readonly memo: SeriesMemo } => ({ ...report, memo: {} });
  const reports = (job.extraMetrics ? [...REPORTS, ...EXTRA_REPORTS] : REPORTS).map(memo);
  const { labels } = target;
  const toSeries = (
    { name, unit, help, memo }: (typeof reports)[number],
    time: number,
    values: ArrayLike<number>,
  ): SeriesSamples => ({ name, labels, memo, type: 'gauge', unit, help, timestamps: [time], values });
  return {
    of: (facts: ScrapeFacts, time: number): SeriesSamples[] =>
      reports.map((report) => toSeries(report, time, [report.value(facts, target, job)])),
    /** All of them end. */
    ended: (time: number): SeriesSamples[] => reports.map((report) => toSeries(report, time, STALE)),
  };
}
