const STALE_HIGH = 0x7ff00000;
const STALE_LOW = 2;

/**
 * The positions' bits: NaN payloads do not survive as numbers, so that stale markers are recognised in the memory of
 * the array. `isStale(words(values), i)` is to be asked of NaN values only.
 */
export function wordsOf(values: Float64Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length * 2);
}

/** True for Prometheus' staleness marker, NaN with the bits 0x7ff0000000000002 (little endian machines). */
export function isStale(words: Uint32Array, index: number): boolean {
  return words[2 * index + 1] === STALE_HIGH && words[2 * index] === STALE_LOW;
}
