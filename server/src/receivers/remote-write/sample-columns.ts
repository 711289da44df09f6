import type { ProtobufReader } from '../../lib/protobuf-reader.ts';
import type { SeriesSamples } from '../../model/metric.ts';

/** Reads the samples of one series after the other into the same memory, and hands out copies of the right size. */
export class SampleColumns {
  #times = new Float64Array(64);
  #values = new Float64Array(64);
  #view = new DataView(this.#values.buffer);
  /** Start timestamps; only once there was one. */
  #starts: Float64Array | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** `{value = 1, timestamp = 2, start_timestamp = 3}`, the present field of the reader. Stale markers keep their bits. */
  read(reader: ProtobufReader): void {
    const index = this.#length++;
    if (index === this.#times.length) this.#grow();
    this.#times[index] = 0;
    this.#values[index] = 0;
    const outer = reader.enter();
    while (reader.next()) {
      if (reader.field === 1) reader.doubleInto(this.#view, index);
      else if (reader.field === 2) this.#times[index] = reader.int64();
      else if (reader.field === 3) this.#setStart(index, reader.int64());
      else reader.skip();
    }
    reader.leave(outer);
  }

  /** The samples so far; begins anew. A single one that is a number needs no column. */
  take(): Pick<SeriesSamples, 'timestamps' | 'values' | 'startTimestamps'> {
    const length = this.#length;
    this.#length = 0;
    const starts = this.#starts;
    this.#starts = undefined;
    if (starts) {
      const startTimestamps = starts.slice(0, length);
      return { timestamps: this.#times.slice(0, length), values: this.#values.slice(0, length), startTimestamps };
    }
    if (length === 1 && !Number.isNaN(this.#values[0])) {
      return { timestamps: [this.#times[0]!], values: [this.#values[0]!] };
    }
    return { timestamps: this.#times.slice(0, length), values: this.#values.slice(0, length) };
  }

  #setStart(index: number, start: number): void {
    if (start === 0) return;
    this.#starts ??= new Float64Array(this.#times.length);
    this.#starts[index] = start;
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2);
    const values = new Float64Array(this.#values.length * 2);
    times.set(this.#times);
    values.set(this.#values);
    this.#times = times;
    this.#values = values;
    this.#view = new DataView(values.buffer);
    if (!this.#starts) return;
    const starts = new Float64Array(times.length);
    starts.set(this.#starts);
    this.#starts = starts;
  }
}
