import type { Clock, Timer } from '../../../model/clock.ts';
import { ServiceError } from '../../../model/errors.ts';
import type { LabelMatcher } from '../../../model/label-matcher.ts';
import { type Labels, labelsKey } from '../../../model/labels.ts';
import type { Logger } from '../../../model/logger.ts';
import type { MetricType, SeriesSamples } from '../../../model/metric.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { ClickHouse } from '../click-house.ts';
import { Head, type HeadOptions } from '../head/head.ts';
import { WriteRecord } from '../head/write-record.ts';
import type {
  MetricDescription,
  MetricStore,
  SampleChanges,
  SelectOptions,
  SeriesColumns,
  SeriesExemplars,
} from '../metric-store.ts';
import type { BlockSinks } from './block-sink.ts';
import { BlockWriter, type BlockWriterStats } from './block-writer.ts';
import { DistinctDays } from './distinct-days.ts';
import { toPredicate } from './label-predicate.ts';
import { loadHead } from './load-head.ts';
import { readRecentFirst } from './recent-samples.ts';
import { joinRolled, RolledSamples } from './rollups/rolled-samples.ts';
import { attachedTimes, isBeside, SampleAttachments, withItsTimes } from './sample-attachments.ts';
import { countVersions, SampleBlock, type SampleRuns, SeriesBlock, type SeriesRows } from './sample-blocks.ts';
import { MOST_SAMPLES, readSamples } from './sample-reader.ts';
import type { Cluster } from './schema/cluster-ddl.ts';
import type { Retention } from './schema/retention.ts';
import { type SeriesEntry, SeriesIndex } from './series-index.ts';

export interface ClickHouseMetricStoreOptions {
  readonly clickHouse: ClickHouse;
  readonly sinks: BlockSinks;
  readonly cluster?: Cluster | undefined;
  /** Left out: every query reads the table. Only for the one process that writes. */
  readonly head?: Omit<HeadOptions, 'coverageStart'> | undefined;
  /**
   * Where a write counts before it is in its table: resolves with true when all of before are. Left out: they are in
   * their tables at once.
   */
  readonly settled?: (() => Promise<boolean>) | undefined;
  readonly retention: Retention;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** So far the row of a series may lag behind its samples, milliseconds. */
const SEEN_LAG_MS = 600_000;
/** So far before it the row of a series is written while its samples come from the past, milliseconds. */
const SEEN_AHEAD_MS = 3_600_000;
const PRUNE_EVERY_MS = 3_600_000;
const TIDY_EVERY_MS = 60_000;

interface SeriesRow {
  readonly metric: string;
  readonly labels: Labels;
  readonly type: MetricType;
  readonly unit: string;
  readonly help: string;
  readonly first_seen: number;
  readonly last_seen: number;
  readonly version: number;
}

/**
 * So much higher than the newest row of a series may the versions of its samples be, microseconds: a row is written
 * again when it lags by `SEEN_LAG_MS / 2`, and may have been written ahead.
 */
const VERSION_LEAD = (SEEN_AHEAD_MS + SEEN_LAG_MS) * 1000;

/** A batch whose series are known. */
interface Registered {
  readonly batch: readonly SeriesSamples[];
  /** Of each item. */
  readonly entries: readonly SeriesEntry[];
  /** Each once. */
  readonly stale: readonly SeriesEntry[];
}

/** Metrics in ClickHouse, their label index in memory. */
export class ClickHouseMetricStore implements MetricStore {
  readonly #options: ClickHouseMetricStoreOptions;
  readonly #index = new SeriesIndex();
  readonly #series: BlockWriter<SeriesRows>;
  readonly #samples: BlockWriter<SampleRuns>;
  readonly #attachments: SampleAttachments;
  readonly #rolled: RolledSamples;
  #retentionMs: number;
  #version = 0;
  #batch = 0;
  #head: Head | undefined;
  readonly #writes: WriteRecord | undefined;
  /** Number of writes, and of the newest one that readers may not see yet: neither the head has it nor the table. */
  #written = 0;
  #unsettled = 0;
  #pruning: Timer | undefined;
  #tidying: Timer | undefined;
  readonly #stop = new AbortController();
  #loading: Promise<void> | undefined;

  private constructor(options: ClickHouseMetricStoreOptions) {
    this.#options = options;
    this.#retentionMs = options.retention.metricsMs;
    this.#rolled = new RolledSamples(options.clickHouse, options.cluster);
    const { sinks, logger } = options;
    this.#series = new BlockWriter({
      table: 'metric_series',
      sink: sinks('metric_series'),
      logger,
      newBlock: () => new SeriesBlock(),
      rowsOf: (batch) => batch.entries.length,
      bytesOf: (batch) => batch.entries.length * 600,
    });
    this.#samples = new BlockWriter({
      table: 'metric_samples',
      sink: sinks('metric_samples'),
      logger,
      newBlock: () => new SampleBlock(),
      rowsOf: (batch) => batch.samples,
      bytesOf: (batch) => batch.samples * 60,
    });
    this.#writes = options.head ? new WriteRecord() : undefined;
    const onNew = (metric: string) => this.#writes?.giveUp(metric);
    this.#attachments = new SampleAttachments({ ...options, index: this.#index, onNew });
  }

  /** Loads the known series. */
  static async open(options: ClickHouseMetricStoreOptions): Promise<ClickHouseMetricStore> {
    const store = new ClickHouseMetricStore(options);
    const rows = await options.clickHouse.query<SeriesRow>(
      `SELECT metric, labels, type, unit, help,
         toUnixTimestamp64Milli(first_seen) AS first_seen, toUnixTimestamp64Milli(last_seen) AS last_seen, version
       FROM metric_series FINAL
       WHERE last_seen >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
       SETTINGS max_execution_time = 300`,
      // Older ones have but rollups: they are read where somebody asks.
      { pool: 'ingest', parameters: { since: Math.max(0, store.#keptFrom - SEEN_LAG_MS) } },
    );
    for (const row of rows) {
      const { type, unit, help, first_seen: firstSeen, last_seen: lastSeen } = row;
      // What an earlier process wrote stays older than what this one writes, also when the clock was set back.
      store.#version = Math.max(store.#version, row.version + VERSION_LEAD);
      store.#index.add(
        { name: row.metric, labels: row.labels },
        {
          type,
          unit,
          help,
          firstSeen,
          lastSeen,
          lagMs: SEEN_LAG_MS,
          stored: { firstSeen, lastSeen },
        },
      );
    }
    await store.#attachments.load();
    await store.#rolled.refresh();
    store.#prune();
    if (options.head) await store.#openHead(options.head);
    store.#tidy();
    return store;
  }

  #prune(): void {
    this.#index.prune(this.#keptFrom);
    this.#pruning = this.#options.clock.setTimer(PRUNE_EVERY_MS, () => {
      this.#prune();
      void this.rollupsChanged();
    });
  }

  /** Samples from before are expired. */
  get #keptFrom(): number {
    return this.#options.clock.now() - this.#retentionMs;
  }

  /** Older samples come into the head in the background. */
  async #openHead(options: Omit<HeadOptions, 'coverageStart'>): Promise<void> {
    const { clickHouse, logger } = this.#options;
    const newest = await this.#newestStored();
    const head = new Head({ ...options, coverageStart: newest + 1 });
    this.#head = head;
    if (newest === Number.NEGATIVE_INFINITY) return;
    this.#loading = loadHead(head, clickHouse, this.#index, this.#stop.signal).then(
      (samples) => logger.debug({ samples }, 'the newest samples are in memory'),
      (error) => {
        if (!this.#stop.signal.aborted) logger.warn({ err: error }, 'the newest samples could not be loaded');
      },
    );
  }

  /** Time of the newest sample in the table, Unix milliseconds. */
  async #newestStored(): Promise<number> {
    const [row] = await this.#options.clickHouse.query<{ newest: number; rows: number }>(
      `SELECT toUnixTimestamp64Milli(max(timestamp)) AS newest, count() AS rows FROM metric_samples
       SETTINGS max_execution_time = 300`,
      { pool: 'ingest' },
    );
    return row && row.rows > 0 ? row.newest : Number.NEGATIVE_INFINITY;
  }

  #tidy(): void {
    const { clock } = this.#options;
    this.#head?.tidy(clock.now());
    this.#settle();
    this.#tidying = clock.setTimer(TIDY_EVERY_MS, () => this.#tidy());
  }

  #settle(): void {
    const { settled } = this.#options;
    const until = this.#unsettled;
    if (!settled || until === 0) return;
    void settled().then(
      (isDone) => {
        if (isDone && this.#unsettled === until) this.#unsettled = 0;
      },
      // The next time perhaps.
      () => {},
    );
  }

  /** Resolves when the head is as full as it gets by loading. */
  async loaded(): Promise<void> {
    await this.#loading;
  }

  get seriesCount(): number {
    return this.#index.size;
  }

  /** How many series the metric has; from memory, as `isKnown`. */
  countOf(metric: string): number {
    return this.#index.countOf(metric);
  }

  isKnown(series: Pick<SeriesSamples, 'name' | 'labels' | 'memo'>): boolean {
    return this.#index.find(series) !== undefined;
  }

  get changes(): SampleChanges | undefined {
    const writes = this.#writes;
    if (!writes) return undefined;
    return {
      mark: () => writes.mark(),
      earliestSince: (mark, metrics) => writes.earliestSince(mark, metrics),
      keptFrom: () => {
        const retained = this.#keptFrom;
        return this.#unsettled > 0 ? Math.max(retained, this.#head!.coverageStart) : retained;
      },
    };
  }

  samplesRemoved(): void {
    this.#writes?.tellAll();
    void this.rollupsChanged();
  }

  async rollupsChanged(): Promise<void> {
    await this.#rolled.refresh().catch((error: unknown) => {
      if (!this.#stop.signal.aborted) this.#options.logger.warn({ err: error }, 'the days of metrics cannot be read');
    });
  }

  get writerStats(): Readonly<Record<string, BlockWriterStats>> {
    return { metric_series: this.#series.stats, metric_samples: this.#samples.stats, ...this.#attachments.writerStats };
  }

  setRetention(retentionMs: number): void {
    this.#retentionMs = retentionMs;
  }

  async writeSamples(batch: readonly SeriesSamples[]): Promise<void> {
    checkBatch(batch);
    const found = this.#register(batch.filter((item) => item.timestamps.length > 0));
    const beside = this.#register(batch.filter(isBeside).map(withItsTimes));
    await this.#storeSeries(beside.stale.length === 0 ? found.stale : [...new Set([...found.stale, ...beside.stale])]);
    const runs = this.#number(found);
    await Promise.all([
      this.#samples.write(runs).then(() => this.#remember(runs)),
      this.#attachments.write([found, beside]),
    ]);
  }

  /** Writes are stored in the order of their versions: the head sees the newest value last. */
  #remember({ entries, batch }: SampleRuns): void {
    const head = this.#head;
    if (!head) return;
    const covered = head.coverageStart;
    let oldest = Number.POSITIVE_INFINITY;
    for (let index = 0; index < batch.length; index++) {
      const entry = entries[index]!;
      entry.recent ??= head.newSeries();
      const { timestamps, values } = batch[index]!;
      head.append(entry.recent, timestamps, values);
      let earliest = timestamps[0]!;
      for (let sample = 1; sample < timestamps.length; sample++) {
        if (timestamps[sample]! < earliest) earliest = timestamps[sample]!;
      }
      this.#writes?.add(entry.writeList, earliest);
      if (earliest < oldest) oldest = earliest;
    }
    this.#written++;
    // Late ones are left to the table, and what the head let go may not be there yet.
    if (this.#options.settled && (oldest < covered || head.coverageStart > covered)) this.#unsettled = this.#written;
    this.#writes?.tell();
  }

  /** Finds or makes the series of a batch. */
  #register(batch: readonly SeriesSamples[]): Registered {
    const number = ++this.#batch;
    const entries = new Array<SeriesEntry>(batch.length);
    const stale: SeriesEntry[] = [];
    for (let index = 0; index < batch.length; index++) {
      const entry = this.#entryOf(batch[index]!);
      entries[index] = entry;
      if (entry.batch === number || !isStale(entry)) continue;
      entry.batch = number;
      stale.push(entry);
    }
    return { batch, entries, stale };
  }

  #entryOf(item: SeriesSamples): SeriesEntry {
    const { timestamps, type, unit, help } = item;
    let first = timestamps[0]!;
    let last = first;
    for (let index = 1; index < timestamps.length; index++) {
      const time = timestamps[index]!;
      if (time < first) first = time;
      else if (time > last) last = time;
    }
    const entry = this.#index.find(item);
    if (!entry) {
      return this.#index.add(item, { type, unit, help, firstSeen: first, lastSeen: last, lagMs: 0, stored: undefined });
    }
    if (type !== entry.type || unit !== entry.unit || help !== entry.help) {
      if (addsToDescription(entry, item)) entry.stored = undefined;
      Object.assign(entry, describe(entry, item));
    }
    entry.lagMs = 0;
    if (first < entry.firstSeen) entry.firstSeen = first;
    if (last > entry.lastSeen) entry.lastSeen = last;
    return entry;
  }

  /**
   * Gives samples their versions, in the order in which they go to the writer: of two with one timestamp the later
   * wins. All that are in order share one, which costs no space.
   */
  #number({ batch, entries }: Registered): SampleRuns {
    const number = ++this.#batch;
    const versions = new Float64Array(batch.length);
    let version = Math.max(this.#options.clock.now() * 1000, this.#version + 1);
    let samples = 0;
    for (let index = 0; index < batch.length; index++) {
      const entry = entries[index]!;
      const { timestamps } = batch[index]!;
      // Apart from the first run of the series.
      if (entry.batch === number) version++;
      entry.batch = number;
      versions[index] = version;
      if (timestamps.length > 1) version += countVersions(timestamps) - 1;
      samples += timestamps.length;
    }
    this.#version = version;
    return { entries, batch, versions, samples };
  }

  /** Before the samples, so that there are never samples without their series. */
  async #storeSeries(entries: readonly SeriesEntry[]): Promise<void> {
    if (entries.length === 0) return;
    const version = Math.max(this.#options.clock.now() * 1000, this.#version + 1);
    this.#version = version;
    const latest = this.#options.clock.now() - SEEN_LAG_MS;
    const rows = entries.map((entry) => ({ ...entry, lastSeen: seenAhead(entry.lastSeen, latest) }));
    await this.#series.write({ entries: rows, version });
    for (const [position, entry] of entries.entries()) {
      const { firstSeen, lastSeen } = rows[position]!;
      entry.stored = { firstSeen, lastSeen };
    }
  }

  async select(matchers: readonly LabelMatcher[], range: TimeRange, options?: SelectOptions): Promise<SeriesColumns[]> {
    const boundary = this.#rolled.boundary(range, this.#keptFrom);
    if (boundary === undefined) return await this.#selectSamples(matchers, range, options);
    const [rolled, recent] = await Promise.all([
      this.#rolled.select(matchers, { start: range.start, end: Math.min(range.end, boundary) }, options),
      range.end > boundary ? this.#selectSamples(matchers, { start: boundary + 1, end: range.end }, options) : [],
    ]);
    return joinRolled(rolled, recent);
  }

  async #selectSamples(
    matchers: readonly LabelMatcher[],
    range: TimeRange,
    options?: SelectOptions,
  ): Promise<SeriesColumns[]> {
    const entries = this.#index.select(matchers.map(toPredicate), range);
    const samples = await this.#read(entries, range, options);
    return await this.#attachments.attachTo(samples, entries, range, options);
  }

  async #read(entries: readonly SeriesEntry[], range: TimeRange, options?: SelectOptions): Promise<SeriesColumns[]> {
    const { clickHouse } = this.#options;
    options?.signal?.throwIfAborted();
    if (!this.#head) return await readSamples(clickHouse, this.#index, entries, range, options);
    const most = options?.maxSamples ?? MOST_SAMPLES;
    return await readRecentFirst(this.#head, entries, range, most, (old, before, spent) =>
      readSamples(clickHouse, this.#index, old, before, options, spent),
    );
  }

  async exemplars(
    matcherSets: readonly (readonly LabelMatcher[])[],
    range: TimeRange,
    options?: SelectOptions,
  ): Promise<SeriesExemplars[]> {
    return await this.#attachments.exemplars([...this.#matching(matcherSets, range)], range, options);
  }

  async series(
    matcherSets: readonly (readonly LabelMatcher[])[],
    range: TimeRange,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<Labels[]> {
    const labels: Labels[] = [];
    for (const each of await this.#labelsOf(matcherSets, range)) {
      if (labels.length >= limit) break;
      labels.push(each);
    }
    return labels;
  }

  async labelNames(matcherSets: readonly (readonly LabelMatcher[])[], range: TimeRange): Promise<string[]> {
    const names = new Set<string>();
    for (const labels of await this.#labelsOf(matcherSets, range)) for (const name in labels) names.add(name);
    return [...names].sort();
  }

  async labelValues(
    label: string,
    matcherSets: readonly (readonly LabelMatcher[])[],
    range: TimeRange,
  ): Promise<string[]> {
    if (matcherSets.length === 0 && !this.#reachesBeyond(range)) return this.#index.valuesOf(label, range).sort();
    const values = new Set<string>();
    for (const labels of await this.#labelsOf(matcherSets, range)) {
      const value = labels[label];
      if (value) values.add(value);
    }
    return [...values].sort();
  }

  /** Who gives no start asks for what there is now. */
  #reachesBeyond(range: TimeRange): boolean {
    return range.start > 0 && this.#rolled.boundary(range, this.#keptFrom) !== undefined;
  }

  async #labelsOf(matcherSets: readonly (readonly LabelMatcher[])[], range: TimeRange): Promise<Iterable<Labels>> {
    const known = Iterator.from(this.#matching(matcherSets, range)).map(({ labels }) => labels);
    if (!this.#reachesBeyond(range)) return known;
    const stored = await this.#rolled.series(matcherSets, range.start);
    return new Map([...stored, ...known].map((labels) => [labelsKey(labels), labels])).values();
  }

  /** Series that match one of the sets; without any set, all. */
  #matching(matcherSets: readonly (readonly LabelMatcher[])[], range: TimeRange): Iterable<SeriesEntry> {
    const sets = matcherSets.length === 0 ? [[]] : matcherSets;
    const selected = sets.map((matchers) => this.#index.select(matchers.map(toPredicate), range));
    return selected.length === 1 ? selected[0]! : new Set(selected.flat());
  }

  async describe(): Promise<MetricDescription[]> {
    const metrics = new Map<string, { newest: SeriesEntry; seriesCount: number }>();
    for (const entry of this.#index.all()) {
      const known = metrics.get(entry.name);
      if (!known) metrics.set(entry.name, { newest: entry, seriesCount: 1 });
      else {
        known.seriesCount++;
        if (isBetterDescription(entry, known.newest)) known.newest = entry;
      }
    }
    return [...metrics]
      .map(([name, { newest, seriesCount }]) => {
        const { type, unit, help } = newest;
        return { name, type, unit, help, seriesCount };
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async close(): Promise<void> {
    this.#pruning?.cancel();
    this.#tidying?.cancel();
    this.#stop.abort();
    await this.#loading;
    await this.#series.close();
    await this.#samples.close();
    await this.#attachments.close();
  }
}

function checkBatch(batch: readonly SeriesSamples[]): void {
  const days = new DistinctDays();
  for (let position = 0; position < batch.length; position++) {
    const { timestamps, values, histograms, exemplars } = batch[position]!;
    if (timestamps.length !== values.length) {
      throw new ServiceError(
        'invalid',
        `series ${position} has ${timestamps.length} timestamps, ${values.length} values`,
      );
    }
    for (let index = 0; index < timestamps.length; index++) days.add(timestamps[index]!);
    if (histograms && timestamps.length > 0) {
      throw new ServiceError('invalid', `series ${position} has samples and histograms; write them one by one`);
    }
    if (histograms || exemplars) for (const time of attachedTimes(batch[position]!)) days.add(time);
  }
}

type Description = Pick<SeriesEntry, 'type' | 'unit' | 'help'>;

/** What a sender does not know does not replace what another said. */
function describe(known: Description, said: Description): Description {
  return {
    type: said.type === 'unknown' ? known.type : said.type,
    unit: said.unit || known.unit,
    help: said.help || known.help,
  };
}

/** Other changes wait for the next time that the row is due: senders that disagree must not cost a row each time. */
function addsToDescription(known: Description, said: Description): boolean {
  return (
    (known.type === 'unknown' && said.type !== 'unknown') ||
    (known.unit === '' && said.unit !== '') ||
    (known.help === '' && said.help !== '')
  );
}

/** The newer series speaks for its metric, unless it does not know the type. */
function isBetterDescription(entry: SeriesEntry, than: SeriesEntry): boolean {
  if ((entry.type === 'unknown') !== (than.type === 'unknown')) return than.type === 'unknown';
  return entry.lastSeen > than.lastSeen;
}

/**
 * What the row of a series says: a sender that catches up brings hours of samples within a second, and a row for every
 * few minutes of them would cost more than the samples. Up to `latest`, which is not quite the present.
 */
function seenAhead(lastSeen: number, latest: number): number {
  return Math.max(lastSeen, Math.min(lastSeen + SEEN_AHEAD_MS, latest));
}

/** True where the table's row of the series is missing, or says too little. */
function isStale({ stored, firstSeen, lastSeen }: SeriesEntry): boolean {
  return !stored || firstSeen < stored.firstSeen || lastSeen > stored.lastSeen + SEEN_LAG_MS / 2;
}
