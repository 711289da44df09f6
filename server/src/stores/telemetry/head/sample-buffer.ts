/** Samples as two growing columns in order of time, with the memory of the values to move them bit for bit. */
export class SampleBuffer {
  times: Float64Array;
  values: Float64Array;
  /** The memory of `values`. */
  words: Uint32Array;
  bytes: Uint8Array;
  length = 0;

  constructor(capacity: number) {
    this.times = new Float64Array(capacity);
    this.values = new Float64Array(capacity);
    this.words = new Uint32Array(this.values.buffer);
    this.bytes = new Uint8Array(this.values.buffer);
  }

  /** Makes room for so many more. */
  reserve(count: number): void {
    const needed = this.length + count;
    if (needed <= this.times.length) return;
    const larger = new SampleBuffer(Math.max(needed, this.times.length * 2));
    larger.times.set(this.times.subarray(0, this.length));
    larger.values.set(this.values.subarray(0, this.length));
    const { times, values, words, bytes } = larger;
    Object.assign(this, { times, values, words, bytes });
  }

  /** Puts one sample in its place, or in place of the one with its time: the value's bits as two words. */
  insert(time: number, low: number, high: number): void {
    const at = lowerBound(this.times, this.length, time);
    if (at === this.length || this.times[at] !== time) {
      this.reserve(1);
      this.times.copyWithin(at + 1, at, this.length);
      this.values.copyWithin(at + 1, at, this.length);
      this.times[at] = time;
      this.length++;
    }
    this.words[2 * at] = low;
    this.words[2 * at + 1] = high;
  }
}

/** The first of the `length` ascending times that is at least `time`. */
export function lowerBound(times: Float64Array, length: number, time: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
