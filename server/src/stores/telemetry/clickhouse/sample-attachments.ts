import type { Clock } from '../../../model/clock.ts';
import type { Logger } from '../../../model/logger.ts';
import type { SeriesSamples } from '../../../model/metric.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { ClickHouse } from '../click-house.ts';
import type { SelectOptions, SeriesColumns, SeriesExemplars } from '../metric-store.ts';
import { attach } from './attach.ts';
import type { BlockSinks } from './block-sink.ts';
import { BlockWriter, type BlockWriterStats } from './block-writer.ts';
import { ExemplarBlock, type ExemplarRun } from './exemplar-block.ts';
import { readExemplars } from './exemplar-reader.ts';
import { HistogramBlock, type HistogramRun } from './histogram-block.ts';
import { readHistograms } from './histogram-reader.ts';
import type { SeriesEntry, SeriesIndex } from './series-index.ts';
import { readStarts, StartBlock, StartPlanner, type StartRow } from './start-timestamps.ts';

export interface SampleAttachmentsOptions {
  readonly clickHouse: ClickHouse;
  readonly sinks: BlockSinks;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly index: SeriesIndex;
  /** Told of a metric when a series of it gets histograms or start timestamps first. */
  readonly onNew: (metric: string) => void;
}

/** Items of a batch with the series that each belongs to. */
export interface SeriesItems {
  readonly batch: readonly SeriesSamples[];
  readonly entries: readonly SeriesEntry[];
}

/**
 * What series hold beside their plain samples: native histograms, start timestamps, exemplars, in tables of their own.
 * Series that have none of them cost nothing, neither written nor read.
 */
export class SampleAttachments {
  readonly #options: SampleAttachmentsOptions;
  readonly #histograms: BlockWriter<readonly HistogramRun[]>;
  readonly #starts: BlockWriter<readonly StartRow[]>;
  readonly #exemplars: BlockWriter<readonly ExemplarRun[]>;
  readonly #planner = new StartPlanner();
  /** The series that have any. */
  readonly #withHistograms = new WeakSet<SeriesEntry>();
  readonly #withStarts = new WeakSet<SeriesEntry>();
  #hasStarts = false;
  #version = 0;

  constructor(options: SampleAttachmentsOptions) {
    this.#options = options;
    const { sinks, logger } = options;
    this.#histograms = new BlockWriter({
      table: 'metric_histograms',
      sink: sinks('metric_histograms'),
      logger,
      newBlock: () => new HistogramBlock(),
      rowsOf: (runs) => sum(runs, ({ samples }) => samples.length),
      bytesOf: (runs) => sum(runs, bytesOfRun),
    });
    this.#starts = new BlockWriter({
      table: 'metric_start_timestamps',
      sink: sinks('metric_start_timestamps'),
      logger,
      newBlock: () => new StartBlock(),
      rowsOf: (rows) => rows.length,
      bytesOf: (rows) => rows.length * 80,
    });
    this.#exemplars = new BlockWriter({
      table: 'metric_exemplars',
      sink: sinks('metric_exemplars'),
      logger,
      newBlock: () => new ExemplarBlock(),
      rowsOf: (runs) => sum(runs, ({ exemplars }) => exemplars.length),
      bytesOf: (runs) => sum(runs, ({ exemplars }) => exemplars.length * 300),
    });
  }

  /** Finds out which series of the index have any. */
  async load(): Promise<void> {
    const { clickHouse, index } = this.#options;
    const find = async (table: string, into: WeakSet<SeriesEntry>) => {
      const sql = `SELECT DISTINCT toString(series) AS id FROM ${table} SETTINGS max_execution_time = 300`;
      for (const { id } of await clickHouse.query<{ id: string }>(sql, { pool: 'ingest' })) {
        const entry = index.byId(BigInt(id));
        if (entry) this.#mark(entry, into);
        if (into === this.#withStarts) this.#hasStarts = true;
      }
    };
    await find('metric_histograms', this.#withHistograms);
    await find('metric_start_timestamps', this.#withStarts);
  }

  #mark(entry: SeriesEntry, into: WeakSet<SeriesEntry>): void {
    if (into.has(entry)) return;
    into.add(entry);
    this.#options.onNew(entry.name);
  }

  get writerStats(): Readonly<Record<string, BlockWriterStats>> {
    return {
      metric_histograms: this.#histograms.stats,
      metric_start_timestamps: this.#starts.stats,
      metric_exemplars: this.#exemplars.stats,
    };
  }

  /** Resolves when all is stored. */
  async write(parts: readonly SeriesItems[]): Promise<void> {
    // Of what has one timestamp the last wins, over restarts too.
    this.#version = Math.max(this.#version, this.#options.clock.now() * 1000);
    const histograms: HistogramRun[] = [];
    const exemplars: ExemplarRun[] = [];
    const starts: StartRow[] = [];
    const token = {};
    for (const { batch, entries } of parts) {
      for (let index = 0; index < batch.length; index++) {
        const item = batch[index]!;
        const entry = entries[index]!;
        if (item.histograms) {
          histograms.push({ entry, samples: item.histograms, version: this.#version + 1 });
          this.#version += item.histograms.length;
        }
        if (item.exemplars) exemplars.push({ entry, exemplars: item.exemplars });
        if (isBeside(item)) continue;
        if (item.startTimestamps || (this.#hasStarts && this.#withStarts.has(entry))) {
          this.#planner.plan(entry, item, token, (row) => starts.push({ ...row, version: ++this.#version }));
        }
      }
    }
    for (const { entry } of histograms) this.#mark(entry, this.#withHistograms);
    for (const { entry } of starts) this.#mark(entry, this.#withStarts);
    this.#hasStarts ||= starts.length > 0;
    await Promise.all([
      this.#histograms.write(histograms),
      this.#exemplars.write(exemplars),
      this.#writeStarts(starts, token),
    ]);
  }

  async #writeStarts(rows: readonly StartRow[], token: object): Promise<void> {
    try {
      await this.#starts.write(rows);
      this.#planner.stored(rows, token);
    } catch (error) {
      this.#planner.failed(rows);
      throw error;
    }
  }

  /** The samples of `entries` with all that belongs to them; series that hold nothing but histograms are added. */
  async attachTo(
    columns: readonly SeriesColumns[],
    entries: readonly SeriesEntry[],
    range: TimeRange,
    options?: SelectOptions,
  ): Promise<SeriesColumns[]> {
    const withHistograms = entries.filter((entry) => this.#withHistograms.has(entry));
    const withStarts = entries.filter((entry) => this.#withStarts.has(entry));
    if (withHistograms.length === 0 && withStarts.length === 0) return [...columns];
    const { clickHouse, index } = this.#options;
    const [histograms, starts] = await Promise.all([
      withHistograms.length > 0 ? readHistograms(clickHouse, index, withHistograms, range, options) : new Map(),
      withStarts.length > 0 ? readStarts(clickHouse, index, withStarts, range, options) : new Map(),
    ]);
    const byLabels = new Map(columns.map((one) => [one.labels, one]));
    return entries.flatMap(({ id, labels }) =>
      attach(labels, byLabels.get(labels), histograms.get(id), starts.get(labels)),
    );
  }

  async exemplars(
    entries: readonly SeriesEntry[],
    range: TimeRange,
    options?: SelectOptions,
  ): Promise<SeriesExemplars[]> {
    if (entries.length === 0) return [];
    const { clickHouse, index } = this.#options;
    const found = await readExemplars(clickHouse, index, entries, range, options);
    return entries.flatMap(({ id, labels }) => {
      const exemplars = found.get(id);
      return exemplars ? [{ labels, exemplars }] : [];
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#histograms.close(), this.#starts.close(), this.#exemplars.close()]);
  }
}

/** True for items without samples: they hold histograms, or exemplars alone. */
export function isBeside({ timestamps, histograms, exemplars }: SeriesSamples): boolean {
  return timestamps.length === 0 && (histograms !== undefined || exemplars !== undefined);
}

/** The item, timed as if it held samples. */
export function withItsTimes(item: SeriesSamples): SeriesSamples {
  return { ...item, timestamps: attachedTimes(item) };
}

export function attachedTimes({ histograms, exemplars }: SeriesSamples): number[] {
  return [...(histograms ?? []), ...(exemplars ?? [])].map(({ timestamp }) => timestamp);
}

function bytesOfRun({ samples }: HistogramRun): number {
  return sum(samples, ({ histogram }) =>
    histogram ? 200 + 16 * (histogram.positive.counts.length + histogram.negative.counts.length) : 200,
  );
}

function sum<Item>(items: readonly Item[], sizeOf: (item: Item) => number): number {
  let total = 0;
  for (const item of items) total += sizeOf(item);
  return total;
}
