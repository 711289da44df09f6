import type { Labels } from '../../../model/labels.ts';
import type { SeriesSamples } from '../../../model/metric.ts';
import type { TimeRange } from '../../../model/time-range.ts';
import type { ClickHouse } from '../click-house.ts';
import type { SelectOptions } from '../metric-store.ts';
import type { BlockBuilder } from './block-writer.ts';
import { MillisecondsColumn, StringColumn, UInt64Column } from './native-block.ts';
import { RowBinaryReader } from './row-binary.ts';
import { seriesConditions } from './series-conditions.ts';
import type { SeriesEntry, SeriesIndex } from './series-index.ts';

/** From the sample at `timestamp` on, the samples of the series count since `startTimestamp` (0: nobody said). */
export interface StartRow {
  readonly entry: SeriesEntry;
  readonly timestamp: number;
  readonly startTimestamp: number;
  readonly version: number;
}

/** Rows of `metric_start_timestamps`. */
export class StartBlock implements BlockBuilder<readonly StartRow[]> {
  readonly columns = {
    metric: new StringColumn(),
    series: new UInt64Column(),
    timestamp: new MillisecondsColumn(),
    start_timestamp: new MillisecondsColumn(),
    version: new UInt64Column(),
  };

  append(rows: readonly StartRow[]): number {
    const { columns } = this;
    for (const { entry, timestamp, startTimestamp, version } of rows) {
      columns.metric.append(entry.name);
      columns.series.append(entry.id);
      columns.timestamp.append(timestamp);
      columns.start_timestamp.append(startTimestamp);
      columns.version.appendNumber(version);
    }
    return rows.length;
  }
}

/** A series has a row in every hour in which it has samples: so far back its readers look. */
const ROW_EVERY_MS = 3_600_000;

/** The newest row of a series, and what relies on it. */
interface Newest {
  /** Of the newest row. */
  rowTime: number;
  /** The first sample of those that count since `start` without a gap. */
  from: number;
  start: number;
  /** The newest sample. */
  last: number;
  /** The write that brings the row, until it is stored. */
  pending: object | undefined;
}

/**
 * Decides which start timestamps need a row. A row is left out only where one that is stored, or that is written
 * together with it, says the same: what is acknowledged can be read.
 */
export class StartPlanner {
  readonly #newest = new WeakMap<SeriesEntry, Newest>();

  /** Adds the rows that some samples need to those of one write, `token`; `stored` or `failed` follows. */
  plan(
    entry: SeriesEntry,
    { timestamps, startTimestamps }: Pick<SeriesSamples, 'timestamps' | 'startTimestamps'>,
    token: object,
    addRow: (row: Omit<StartRow, 'version'>) => void,
  ): void {
    const add = (timestamp: number, startTimestamp: number) => addRow({ entry, timestamp, startTimestamp });
    for (let index = 0; index < timestamps.length; index++) {
      this.#planOne(entry, timestamps[index]!, startTimestamps?.[index] ?? 0, token, add);
    }
  }

  #planOne(entry: SeriesEntry, time: number, start: number, token: object, add: (t: number, s: number) => void): void {
    const newest = this.#newest.get(entry);
    if (!newest) {
      this.#newest.set(entry, { rowTime: time, from: time, start, last: time, pending: token });
      add(time, start);
      return;
    }
    const isSafe = newest.pending === undefined || newest.pending === token;
    if (isSafe && start === newest.start && time >= newest.rowTime && hourOf(time) === hourOf(newest.rowTime)) {
      newest.last = Math.max(newest.last, time);
      return;
    }
    add(time, start);
    if (time < newest.last) {
      // Behind a sample that comes late, the others go on as before.
      if (start !== newest.start && time >= newest.from) add(time + 1, newest.start);
      return;
    }
    if (start !== newest.start) newest.from = time;
    Object.assign(newest, { rowTime: time, start, last: time, pending: token });
  }

  stored(rows: readonly StartRow[], token: object): void {
    for (const { entry } of rows) {
      const newest = this.#newest.get(entry);
      if (newest?.pending === token) newest.pending = undefined;
    }
  }

  failed(rows: readonly StartRow[]): void {
    for (const { entry } of rows) this.#newest.delete(entry);
  }
}

function hourOf(time: number): number {
  return Math.floor(time / ROW_EVERY_MS);
}

/** Since when samples count, by the time of the sample from which on that holds; ascending. */
export interface Starts {
  readonly from: number[];
  readonly start: number[];
}

/** What `metric_start_timestamps` says about samples of `entries` in `start <= t <= end`, by the labels of the series. */
export async function readStarts(
  clickHouse: ClickHouse,
  index: SeriesIndex,
  entries: readonly SeriesEntry[],
  range: TimeRange,
  { pool, signal }: SelectOptions = {},
): Promise<ReadonlyMap<Labels, Starts>> {
  const wider = { start: hourOf(range.start) * ROW_EVERY_MS, end: range.end };
  const sql = `SELECT series, timestamp, start_timestamp
FROM metric_start_timestamps
WHERE ${seriesConditions(index, entries, wider)}
ORDER BY metric, series, timestamp, version
FORMAT RowBinary`;
  const bytes = await clickHouse.queryBytes(sql, { ...(pool && { pool }), ...(signal && { signal }) });
  const reader = new RowBinaryReader(bytes);
  const found = new Map<Labels, { from: number[]; start: number[] }>();
  while (!reader.atEnd) {
    const labels = index.byId(reader.uint64())?.labels;
    const timestamp = reader.int64();
    const start = reader.int64();
    if (!labels) continue;
    const starts = found.get(labels) ?? { from: [], start: [] };
    if (starts.from.length === 0) found.set(labels, starts);
    // Of rows with one timestamp the last counts: it has the highest version.
    if (starts.from.at(-1) === timestamp) starts.start[starts.start.length - 1] = start;
    else {
      starts.from.push(timestamp);
      starts.start.push(start);
    }
  }
  return found;
}
