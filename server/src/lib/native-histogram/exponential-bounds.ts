/** `2^(2^-s)` by schema `s`, as Prometheus has them: that of schema 1 is the double below the square root of 2. */
const FACTORS = [
  2,
  Math.SQRT2 - 2 ** -52,
  1.189207115002721,
  1.0905077326652577,
  1.0442737824274138,
  1.0218971486541166,
  1.0108892860517005,
  1.0054299011128027,
  1.0027112750502025,
];

/**
 * Upper bounds of the buckets of one octave, from 0.5 to below 1, by schema. Every other one is that of the schema
 * before; the others are products. So the bounds are to the last bit those of Prometheus, and the same on every machine.
 */
const OCTAVES: readonly (readonly number[])[] = octaves();

function octaves(): number[][] {
  const bySchema = [[0.5]];
  for (let schema = 1; schema < FACTORS.length; schema++) {
    const coarser = bySchema[schema - 1]!;
    bySchema.push(coarser.flatMap((bound) => [bound, bound * FACTORS[schema]!]));
  }
  return bySchema;
}

/**
 * Upper bound of bucket `index` of an exponential schema (-4 to 8); the largest double where it is none any more.
 * https://prometheus.io/docs/specs/native_histograms/#schema
 */
export function exponentialBound(index: number, schema: number): number {
  const bound = schema > 0 ? boundInOctave(index, schema) : 2 ** (index * 2 ** -schema);
  return Number.isFinite(bound) ? bound : Number.MAX_VALUE;
}

function boundInOctave(index: number, schema: number): number {
  const octave = OCTAVES[schema]!;
  return 2 * octave[index & (octave.length - 1)]! * 2 ** (index >> schema);
}
