/** Prometheus' stale marker, 0x7ff0000000000002, and what becomes of it when a processor makes the NaN quiet. */
export const STALE_LOW = 2;
export const STALE_HIGH = 0x7ff00000;
const QUIET_STALE_HIGH = 0x7ff80000;

/**
 * Copies `values` to `target[at]` and what follows, bit for bit: NaN with a payload does not always survive as a
 * number. A stale marker that was made quiet on its way becomes one again. `words` is the memory of `target` (all
 * processors that we run on are little-endian).
 */
export function copyValues(values: ArrayLike<number>, target: Float64Array, words: Uint32Array, at: number): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    target[at + index] = value;
    if (Number.isNaN(value)) copyNaN(values, index, target, words, at + index);
  }
}

function copyNaN(values: ArrayLike<number>, from: number, target: Float64Array, words: Uint32Array, to: number): void {
  if (values instanceof Float64Array) target.set(values.subarray(from, from + 1), to);
  if (words[2 * to] === STALE_LOW && words[2 * to + 1] === QUIET_STALE_HIGH) words[2 * to + 1] = STALE_HIGH;
}
