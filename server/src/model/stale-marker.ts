/**
 * Prometheus' stale marker: the NaN with the bits 0x7ff0000000000002 says that a series has ended.
 * https://prometheus.io/docs/specs/native_histograms/#staleness, prometheus/model/value
 *
 * Its bits survive only inside of typed arrays (copied by `set` or `slice`): once read as a JavaScript number it may
 * become any other NaN.
 */
export const STALE_MARKER_BITS = 0x7ff0000000000002n;

/** A column with one stale marker. */
export function staleMarkerColumn(): Float64Array {
  return new Float64Array(new BigUint64Array([STALE_MARKER_BITS]).buffer);
}
