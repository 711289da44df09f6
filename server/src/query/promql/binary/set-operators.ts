import type { EvaluationContext } from '../evaluation/context.ts';
import { mergeSame } from '../evaluation/merge.ts';
import { NOTHING, SeriesBuilder, type VectorSeries } from '../evaluation/values.ts';
import type { SetOperator, VectorMatching } from '../syntax/expression.ts';
import { signatureOf } from './signature.ts';

/** `and`, `or`, `unless`: which series are there decides, values pass as they are. */
export async function applySetOperator(
  operator: SetOperator,
  matching: VectorMatching,
  left: readonly VectorSeries[],
  right: readonly VectorSeries[],
  context: EvaluationContext,
): Promise<VectorSeries[]> {
  const signature = signatureOf(matching);
  if (operator === 'or') {
    const covered = await presence(left, signature, context);
    const added = await filter(right, (series) => covered.get(signature(series.labels)), false, context);
    return mergeSame([...left, ...added]);
  }
  const partners = await presence(right, signature, context);
  return filter(left, (series) => partners.get(signature(series.labels)), operator === 'and', context);
}

/** A signature's steps with at least one series. */
async function presence(
  series: readonly VectorSeries[],
  signature: (labels: VectorSeries['labels']) => string,
  context: EvaluationContext,
): Promise<Map<string, Uint8Array>> {
  const bySignature = new Map<string, Uint8Array>();
  for (const one of series) {
    if (context.isDue) await context.pause();
    const key = signature(one.labels);
    const known = bySignature.get(key);
    if (!known) {
      bySignature.set(key, one.present.slice());
      continue;
    }
    for (let step = 0; step < known.length; step++) known[step]! |= one.present[step]!;
  }
  return bySignature;
}

/** The samples at whose step the partners are there (`wanted`) or not. */
async function filter(
  series: readonly VectorSeries[],
  partnersOf: (series: VectorSeries) => Uint8Array | undefined,
  wanted: boolean,
  context: EvaluationContext,
): Promise<VectorSeries[]> {
  const result: VectorSeries[] = [];
  for (const one of series) {
    if (context.isDue) await context.pause();
    const partners = partnersOf(one);
    if (!partners) {
      if (!wanted) result.push(one);
      continue;
    }
    const built = new SeriesBuilder(one.labels, one.dropName, one.present.length);
    for (let step = 0; step < one.present.length; step++) {
      if (one.present[step] !== NOTHING && (partners[step] !== NOTHING) === wanted) built.copy(one, step);
    }
    if (built.count > 0) {
      context.hold(built.present.length);
      result.push(built);
    }
  }
  return result;
}
