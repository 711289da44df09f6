import type { Clock } from '../../model/clock.ts';
import type { Labels } from '../../model/labels.ts';
import type { Logger } from '../../model/logger.ts';
import type { SeriesSamples } from '../../model/metric.ts';
import type { Discovery } from './discovery/discovery.ts';
import { openDiscovery } from './discovery/open-discovery.ts';
import type { TargetGroup } from './discovery/target-group.ts';
import { type BodyBudget, fetchTarget } from './fetch-target.ts';
import { HttpClient } from './http-client.ts';
import type { ScrapeJob } from './scrape-job.ts';
import { ScrapeLoop } from './scrape-loop.ts';
import { StringPool } from './string-pool.ts';
import { type FoundTarget, type Target, targetsOf } from './target.ts';

export interface JobPoolOptions {
  readonly job: ScrapeJob;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly budget: BodyBudget;
  readonly write: (batch: readonly SeriesSamples[]) => void;
  /** Where relative names of files begin. */
  readonly directory: string;
}

/** One job: what it finds is scraped, what it finds no more ends. */
export class JobPool {
  readonly #options: JobPoolOptions;
  readonly #client: HttpClient;
  readonly #discoveries: readonly Discovery[];
  readonly #groups: (readonly TargetGroup[])[];
  readonly #strings = new StringPool();
  readonly #loops = new Map<string, ScrapeLoop>();
  #dropped: readonly Labels[] = [];
  #droppedCount = 0;
  #problems = '';
  #stopping: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(options: JobPoolOptions) {
    this.#options = options;
    const { job, directory } = options;
    this.#client = new HttpClient(job.http, directory);
    this.#discoveries = job.discoveries.map((kind) => openDiscovery(kind, { ...options, jobName: job.name }));
    this.#groups = job.discoveries.map(() => []);
  }

  get job(): ScrapeJob {
    return this.#options.job;
  }

  get loops(): Iterable<ScrapeLoop> {
    return this.#loops.values();
  }

  /** Labels of targets that relabelling dropped, as many as are kept. */
  get dropped(): readonly Labels[] {
    return this.#dropped;
  }

  get droppedCount(): number {
    return this.#droppedCount;
  }

  start(): void {
    for (const [index, discovery] of this.#discoveries.entries()) {
      discovery.start((groups) => {
        this.#groups[index] = groups;
        if (!this.#stopped) this.#update();
      });
    }
  }

  /** With `vanished`, the series of all its targets end now. */
  async stop({ vanished }: { readonly vanished: boolean }): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#discoveries.map((discovery) => discovery.stop()));
    await Promise.all([...this.#loops.values()].map((loop) => loop.stop({ vanished })));
    await this.#stopping;
    await this.#client.close();
  }

  #update(): void {
    const { job } = this.#options;
    const found = this.#groups.flat().flatMap((group) => targetsOf(group, job));
    const active = new Map<string, Target>();
    for (const item of found) if (item.kind === 'active') active.set(item.target.key, item.target);
    this.#note(found);
    const gone = [...this.#loops].filter(([key]) => !active.has(key));
    for (const [key, loop] of gone) {
      this.#loops.delete(key);
      this.#stopping = Promise.all([this.#stopping, loop.stop({ vanished: true })]);
    }
    const blocked =
      job.targetLimit > 0 && active.size > job.targetLimit
        ? `the job has ${active.size} targets, more than the ${job.targetLimit} that target_limit allows`
        : undefined;
    for (const [key, target] of active) {
      if (!this.#loops.has(key)) this.#add(key, target);
      this.#loops.get(key)!.blocked = blocked;
    }
  }

  #add(key: string, target: Target): void {
    const { job, clock, write, budget } = this.#options;
    const client = this.#client;
    const fetch = (wanted: Target, signal: AbortSignal) => fetchTarget(wanted, { job, client, budget }, signal);
    const loop = new ScrapeLoop({ job, target, clock, write, fetch, strings: this.#strings });
    this.#loops.set(key, loop);
    loop.start();
  }

  #note(found: readonly FoundTarget[]): void {
    const { job, logger } = this.#options;
    const dropped = found.flatMap((item) => (item.kind === 'dropped' ? [item.discoveredLabels] : []));
    this.#droppedCount = dropped.length;
    this.#dropped = job.keepDroppedTargets > 0 ? dropped.slice(0, job.keepDroppedTargets) : dropped;
    const broken = found.flatMap((item) =>
      item.kind === 'broken' ? [`${item.discoveredLabels.__address__ ?? 'a target'}: ${item.problem}`] : [],
    );
    const problems = broken.join('; ');
    if (problems !== '' && problems !== this.#problems) {
      logger.warn({ job: job.name, problems: broken.slice(0, 10) }, 'some targets cannot be scraped');
    }
    this.#problems = problems;
  }
}
