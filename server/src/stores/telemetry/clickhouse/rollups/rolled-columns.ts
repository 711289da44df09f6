import type { SeriesColumns } from '../../metric-store.ts';
import { STALE_HIGH, STALE_LOW } from '../../value-bits.ts';
import type { StoredSeries } from './old-series.ts';

/** A row of `metric_rollups`. Times are Unix milliseconds. */
export interface RollupRow {
  readonly bucket: number;
  readonly firstTimestamp: number;
  readonly firstValue: number;
  readonly timestamp: number;
  readonly value: number;
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly drops: number;
  readonly ended: number;
}

/**
 * Rollups of one series as samples: of each the first and the last, and a stale marker where one followed. A counter that
 * fell between the two gets samples that fall as far, so that its increase is what it was: the sum of the falls and then
 * 0, two milliseconds and one before the last. The last sample stands for all that there were.
 */
export class RolledColumns {
  readonly #series: StoredSeries;
  readonly #rows: RollupRow[] = [];
  readonly #timestamps: number[] = [];
  readonly #values: number[] = [];
  readonly #counts: number[] = [];
  readonly #sums: number[] = [];
  readonly #mins: number[] = [];
  readonly #maxs: number[] = [];
  readonly #stale: number[] = [];

  constructor(series: StoredSeries) {
    this.#series = series;
  }

  /** In order; of rows of one bucket the last counts: it has the highest version. */
  add(row: RollupRow): void {
    if (this.#rows.at(-1)?.bucket === row.bucket) this.#rows.pop();
    this.#rows.push(row);
  }

  finish(): SeriesColumns {
    for (const row of this.#rows) {
      if (row.count > 0) {
        if (row.firstTimestamp < row.timestamp) this.#push(row.firstTimestamp, row.firstValue);
        if (this.#series.isCounter && row.drops > 0) this.#fall(row);
        this.#push(row.timestamp, row.value, row);
      }
      if (row.ended > 0) {
        this.#stale.push(this.#timestamps.length);
        this.#push(row.ended, Number.NaN);
      }
    }
    const values = Float64Array.from(this.#values);
    const words = new Uint32Array(values.buffer);
    for (const at of this.#stale) {
      words[2 * at] = STALE_LOW;
      words[2 * at + 1] = STALE_HIGH;
    }
    return {
      labels: this.#series.labels,
      timestamps: Float64Array.from(this.#timestamps),
      values,
      rollup: {
        until: this.#timestamps.at(-1) ?? 0,
        counts: Float64Array.from(this.#counts),
        sums: Float64Array.from(this.#sums),
        mins: Float64Array.from(this.#mins),
        maxs: Float64Array.from(this.#maxs),
      },
    };
  }

  #fall({ firstTimestamp, timestamp, drops }: RollupRow): void {
    if (firstTimestamp >= timestamp - 2) return;
    this.#push(timestamp - 2, drops);
    this.#push(timestamp - 1, 0);
  }

  /** A sample; without a row it stands for none of those that were. */
  #push(timestamp: number, value: number, row?: RollupRow): void {
    this.#timestamps.push(timestamp);
    this.#values.push(value);
    this.#counts.push(row?.count ?? 0);
    this.#sums.push(row?.sum ?? 0);
    this.#mins.push(row?.min ?? Number.NaN);
    this.#maxs.push(row?.max ?? Number.NaN);
  }
}
