import type { Clock, Timer } from '../../../model/clock.ts';
import { ServiceError } from '../../../model/errors.ts';
import type { LabelMatcher } from '../../../model/label-matcher.ts';
import type { Labels } from '../../../model/labels.ts';
import type { Logger } from '../../../model/logger.ts';
import type { MetricType, SeriesSamples } from '../../../model/metric.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { ClickHouse } from '../click-house.ts';
import type { MetricDescription, MetricStore, SelectOptions, SeriesColumns } from '../metric-store.ts';
import type { BlockSinks } from './block-sink.ts';
import { BlockWriter, type BlockWriterStats } from './block-writer.ts';
import { DistinctDays } from './distinct-days.ts';
import { toPredicate } from './label-predicate.ts';
import {
  countVersions,
  SampleBlock,
  type SampleRun,
  type SampleRuns,
  SeriesBlock,
  type SeriesRows,
} from './sample-blocks.ts';
import { readSamples } from './sample-reader.ts';
import type { Retention } from './schema/retention.ts';
import { type SeriesEntry, SeriesIndex } from './series-index.ts';

export interface ClickHouseMetricStoreOptions {
  readonly clickHouse: ClickHouse;
  readonly sinks: BlockSinks;
  readonly retention: Retention;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** So far the row of a series may lag behind its samples, milliseconds. */
const SEEN_LAG_MS = 600_000;
const PRUNE_EVERY_MS = 3_600_000;

interface SeriesRow {
  readonly metric: string;
  readonly labels: Labels;
  readonly type: MetricType;
  readonly unit: string;
  readonly help: string;
  readonly first_seen: number;
  readonly last_seen: number;
}

/** Metrics in ClickHouse, their label index in memory. */
export class ClickHouseMetricStore implements MetricStore {
  readonly #options: ClickHouseMetricStoreOptions;
  readonly #index = new SeriesIndex();
  readonly #series: BlockWriter<SeriesRows>;
  readonly #samples: BlockWriter<SampleRuns>;
  #retentionMs: number;
  #version = 0;
  #pruning: Timer | undefined;

  private constructor(options: ClickHouseMetricStoreOptions) {
    this.#options = options;
    this.#retentionMs = options.retention.metricsMs;
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
  }

  /** Loads the known series. */
  static async open(options: ClickHouseMetricStoreOptions): Promise<ClickHouseMetricStore> {
    const store = new ClickHouseMetricStore(options);
    const rows = await options.clickHouse.query<SeriesRow>(
      `SELECT metric, labels, type, unit, help,
         toUnixTimestamp64Milli(first_seen) AS first_seen, toUnixTimestamp64Milli(last_seen) AS last_seen
       FROM metric_series FINAL SETTINGS max_execution_time = 300`,
      { pool: 'ingest' },
    );
    for (const row of rows) {
      const { type, unit, help, first_seen: firstSeen, last_seen: lastSeen } = row;
      store.#index.add(row.metric, row.labels, {
        type,
        unit,
        help,
        firstSeen,
        lastSeen,
        lagMs: SEEN_LAG_MS,
        stored: { firstSeen, lastSeen },
      });
    }
    store.#prune();
    return store;
  }

  #prune(): void {
    const { clock } = this.#options;
    this.#index.prune(clock.now() - this.#retentionMs);
    this.#pruning = clock.setTimer(PRUNE_EVERY_MS, () => this.#prune());
  }

  get seriesCount(): number {
    return this.#index.size;
  }

  get writerStats(): Readonly<Record<string, BlockWriterStats>> {
    return { metric_series: this.#series.stats, metric_samples: this.#samples.stats };
  }

  setRetention(retentionMs: number): void {
    this.#retentionMs = retentionMs;
  }

  async writeSamples(batch: readonly SeriesSamples[]): Promise<void> {
    const runs = this.#register(batch);
    await this.#storeSeries(runs);
    await this.#samples.write(runs);
  }

  /** Finds or makes the series of a batch and gives its samples their versions. */
  #register(batch: readonly SeriesSamples[]): SampleRuns {
    checkBatch(batch);
    let version = Math.max(this.#options.clock.now() * 1000, this.#version + 1);
    let samples = 0;
    const runs: SampleRun[] = [];
    const seen = new Set<SeriesEntry>();
    for (const item of batch) {
      if (item.timestamps.length === 0) continue;
      const entry = this.#entryOf(item);
      // Apart from the first run of the series, so that of two samples with one timestamp the later wins.
      if (seen.has(entry)) version++;
      seen.add(entry);
      runs.push({ entry, timestamps: item.timestamps, values: item.values, version });
      version += countVersions(item.timestamps) - 1;
      samples += item.timestamps.length;
    }
    this.#version = version;
    return { runs, samples };
  }

  #entryOf(item: SeriesSamples): SeriesEntry {
    const [first, last] = bounds(item.timestamps);
    const entry = this.#index.find(item.name, item.labels);
    if (!entry) {
      const { type, unit, help } = item;
      return this.#index.add(item.name, item.labels, {
        type,
        unit,
        help,
        firstSeen: first,
        lastSeen: last,
        lagMs: 0,
        stored: undefined,
      });
    }
    if (addsToDescription(entry, item)) entry.stored = undefined;
    Object.assign(entry, describe(entry, item));
    entry.lagMs = 0;
    entry.firstSeen = Math.min(entry.firstSeen, first);
    entry.lastSeen = Math.max(entry.lastSeen, last);
    return entry;
  }

  /** Before the samples, so that there are never samples without their series. */
  async #storeSeries({ runs }: SampleRuns): Promise<void> {
    const entries = [...new Set(runs.map((run) => run.entry))].filter(isStale);
    if (entries.length === 0) return;
    const stored = entries.map(({ firstSeen, lastSeen }) => ({ firstSeen, lastSeen }));
    await this.#series.write({ entries: entries.map((entry) => ({ ...entry })), version: this.#version });
    for (const [position, entry] of entries.entries()) entry.stored = stored[position]!;
  }

  async select(matchers: readonly LabelMatcher[], range: TimeRange, options?: SelectOptions): Promise<SeriesColumns[]> {
    const entries = this.#index.select(matchers.map(toPredicate), range);
    return await readSamples(this.#options.clickHouse, this.#index, entries, range, options);
  }

  async series(
    matcherSets: readonly (readonly LabelMatcher[])[],
    range: TimeRange,
    limit = Number.POSITIVE_INFINITY,
  ): Promise<Labels[]> {
    const labels: Labels[] = [];
    for (const entry of this.#matching(matcherSets, range)) {
      if (labels.length >= limit) break;
      labels.push(entry.labels);
    }
    return labels;
  }

  async labelNames(matcherSets: readonly (readonly LabelMatcher[])[], range: TimeRange): Promise<string[]> {
    const names = new Set<string>();
    for (const entry of this.#matching(matcherSets, range)) for (const name in entry.labels) names.add(name);
    return [...names].sort();
  }

  async labelValues(
    label: string,
    matcherSets: readonly (readonly LabelMatcher[])[],
    range: TimeRange,
  ): Promise<string[]> {
    const values = new Set<string>();
    for (const entry of this.#matching(matcherSets, range)) {
      const value = entry.labels[label];
      if (value) values.add(value);
    }
    return [...values].sort();
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
    await this.#series.close();
    await this.#samples.close();
  }
}

function checkBatch(batch: readonly SeriesSamples[]): void {
  const days = new DistinctDays();
  for (const [position, { timestamps, values }] of batch.entries()) {
    if (timestamps.length !== values.length) {
      throw new ServiceError(
        'invalid',
        `series ${position} has ${timestamps.length} timestamps, ${values.length} values`,
      );
    }
    for (let index = 0; index < timestamps.length; index++) days.add(timestamps[index]!);
  }
}

function bounds(timestamps: ArrayLike<number>): [first: number, last: number] {
  let first = timestamps[0]!;
  let last = first;
  for (let index = 1; index < timestamps.length; index++) {
    first = Math.min(first, timestamps[index]!);
    last = Math.max(last, timestamps[index]!);
  }
  return [first, last];
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

/** True where the table's row of the series is missing, or says too little. */
function isStale({ stored, firstSeen, lastSeen }: SeriesEntry): boolean {
  return !stored || firstSeen < stored.firstSeen || lastSeen > stored.lastSeen + SEEN_LAG_MS / 2;
}
