const MOST_NUMBERS = 65_536;
const NOTHING = new Float64Array(0);

/** Memory for many short columns: an array of its own for each would cost more than the copying. */
export class ColumnArena {
  #block = NOTHING;
  #used = 0;

  /** A copy of the numbers at `from <= i < to`, bit for bit. */
  copy(source: Float64Array, from: number, to: number): Float64Array {
    const count = to - from;
    if (count > MOST_NUMBERS / 8) return source.slice(from, to);
    if (count > this.#block.length - this.#used) {
      this.#block = new Float64Array(Math.min(MOST_NUMBERS, Math.max(2 * this.#block.length, 2 * count)));
      this.#used = 0;
    }
    const column = this.#block.subarray(this.#used, this.#used + count);
    column.set(source.subarray(from, to));
    this.#used += count;
    return column;
  }
}
