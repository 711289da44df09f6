export type Encoding = 'zstd' | 'gzip';

/** The better one first. */
const ENCODINGS: readonly Encoding[] = ['zstd', 'gzip'];

/** The encoding that an `Accept-Encoding` header likes best; `undefined` for none (RFC 9110, section 12.5.3). */
export function encodingFor(header: string | string[] | undefined): Encoding | undefined {
  const weights = new Map<string, number>();
  for (const item of String(header ?? '').split(',')) {
    const [name = '', ...parameters] = item.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    weights.set(name, weight === undefined ? 1 : Number(weight.slice(2)) || 0);
  }
  // Who takes anything is given what everybody can read.
  const weightOf = (name: Encoding) => weights.get(name) ?? (name === 'gzip' ? (weights.get('*') ?? 0) : 0);
  let best: Encoding | undefined;
  for (const name of ENCODINGS) if (weightOf(name) > (best ? weightOf(best) : 0)) best = name;
  return best;
}
