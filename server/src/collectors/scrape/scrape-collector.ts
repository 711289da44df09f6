import type { Clock } from '../../model/clock.ts';
import type { Labels } from '../../model/labels.ts';
import type { Logger } from '../../model/logger.ts';
import type { MetricType, SampleSink } from '../../model/metric.ts';
import { BodyBudget } from './fetch-target.ts';
import { JobPool } from './job-pool.ts';
import type { ScrapeJob } from './scrape-job.ts';
import type { Health } from './scrape-loop.ts';
import { ScrapeWriter } from './scrape-writer.ts';

export interface ScrapeCollectorOptions {
  readonly jobs: readonly ScrapeJob[];
  readonly sink: SampleSink;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Where relative names of files begin. */
  readonly directory: string;
}

export interface ActiveTarget {
  readonly job: string;
  readonly discoveredLabels: Labels;
  readonly labels: Labels;
  readonly url: string;
  readonly health: Health;
  /** Empty: none. */
  readonly lastError: string;
  /** Unix milliseconds; `undefined` before the first. */
  readonly lastScrape: number | undefined;
  readonly lastDurationMs: number;
  readonly intervalMs: number;
  readonly timeoutMs: number;
}

export interface DroppedTarget {
  readonly job: string;
  readonly discoveredLabels: Labels;
}

export interface TargetMetadata {
  readonly target: Labels;
  readonly metric: string;
  readonly type: MetricType;
  readonly help: string;
  readonly unit: string;
}

/** Scrapes the targets of all jobs. */
export class ScrapeCollector {
  readonly #options: ScrapeCollectorOptions;
  readonly #writer: ScrapeWriter;
  readonly #budget = new BodyBudget();
  readonly #pools = new Map<string, JobPool>();

  constructor(options: ScrapeCollectorOptions) {
    this.#options = options;
    this.#writer = new ScrapeWriter(options.sink, options.clock, options.logger);
  }

  start(): void {
    for (const job of this.#options.jobs) this.#open(job);
  }

  /** Series are not ended: after a restart they go on. */
  async stop(): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.stop({ vanished: false })));
    await this.#writer.stop();
  }

  /** Takes the jobs of a changed configuration; those that are the same as before go on undisturbed. */
  async reload(jobs: readonly ScrapeJob[]): Promise<void> {
    const kept = new Set(
      jobs.filter((job) => this.#pools.get(job.name)?.job.source === job.source).map(({ name }) => name),
    );
    const ended = [...this.#pools].filter(([name]) => !kept.has(name));
    for (const [name] of ended) this.#pools.delete(name);
    await Promise.all(ended.map(([, pool]) => pool.stop({ vanished: true })));
    for (const job of jobs) if (!kept.has(job.name)) this.#open(job);
  }

  /** Samples that were lost because the store took none for too long. */
  get droppedSamples(): number {
    return this.#writer.dropped;
  }

  /** Names of the jobs, sorted. */
  pools(): string[] {
    return [...this.#pools.keys()].sort();
  }

  activeTargets(job?: string): ActiveTarget[] {
    return this.#poolsOf(job).flatMap((pool) =>
      [...pool.loops].map(({ target, state }) => ({
        job: pool.job.name,
        discoveredLabels: target.discoveredLabels,
        labels: target.labels,
        url: target.url,
        ...state,
        intervalMs: target.intervalMs,
        timeoutMs: target.timeoutMs,
      })),
    );
  }

  /** Targets that relabelling dropped, and how many there are of each job. */
  droppedTargets(job?: string): { readonly targets: DroppedTarget[]; readonly counts: Record<string, number> } {
    const pools = this.#poolsOf(job);
    return {
      targets: pools.flatMap((pool) =>
        pool.dropped.map((discoveredLabels) => ({ job: pool.job.name, discoveredLabels })),
      ),
      counts: Object.fromEntries(pools.map((pool) => [pool.job.name, pool.droppedCount])),
    };
  }

  /** What targets say about their metrics. */
  *metadata(): Iterable<TargetMetadata> {
    for (const pool of this.#poolsOf(undefined)) {
      for (const { target, metadata } of pool.loops) {
        for (const { name, type, help, unit } of metadata.described()) {
          yield { target: target.labels, metric: name, type, help, unit };
        }
      }
    }
  }

  #poolsOf(job: string | undefined): JobPool[] {
    const names = job === undefined ? this.pools() : [job];
    return names.flatMap((name) => this.#pools.get(name) ?? []);
  }

  #open(job: ScrapeJob): void {
    const { clock, logger, directory } = this.#options;
    const write = this.#writer.write.bind(this.#writer);
    const pool = new JobPool({ job, clock, logger, directory, write, budget: this.#budget });
    this.#pools.set(job.name, pool);
    pool.start();
  }
}
