import { add, combine } from '../../../lib/native-histogram/arithmetic.ts';
import { divide, scale } from '../../../lib/native-histogram/buckets.ts';
import type { NativeHistogram, ResetHint } from '../../../model/native-histogram.ts';

export type AddProblem = 'schemas' | 'hints' | 'bounds';

/** A sum of histograms with Neumaier's compensation in every field. */
export class HistogramTotal {
  #total: NativeHistogram;
  #rest: NativeHistogram | undefined;
  readonly #members: NativeHistogram[];
  readonly #hints = new Set<ResetHint>();

  constructor(first: NativeHistogram) {
    this.#total = first;
    this.#members = [first];
    this.#hints.add(first.hint);
  }

  /** Problems of this addition; after `schemas` there is no sum. */
  add(histogram: NativeHistogram): AddProblem[] {
    const sum = add(this.#total, histogram);
    if (!sum) return ['schemas'];
    const error = combine(this.#total, histogram, roundingError)!.histogram;
    this.#rest = this.#rest ? add(this.#rest, error)!.histogram : error;
    this.#total = sum.histogram;
    this.#members.push(histogram);
    this.#hints.add(histogram.hint);
    const problems: AddProblem[] = [];
    // Of all members: a gauge among them makes the sum one, and hides what the others say.
    if (this.#hints.has('reset') && this.#hints.has('not_reset')) problems.push('hints');
    if (sum.boundsReconciled) problems.push('bounds');
    return problems;
  }

  get sum(): NativeHistogram {
    if (!this.#rest) return this.#total;
    return { ...add(this.#total, this.#rest)!.histogram, hint: this.#total.hint };
  }

  /** Also where the sum overflows. */
  get mean(): NativeHistogram {
    const count = this.#members.length;
    const { sum } = this;
    const numbers = [sum.count, sum.sum, sum.zeroCount, ...sum.positive.counts, ...sum.negative.counts];
    if (count === 1) return sum;
    if (numbers.every((value) => Number.isFinite(value))) return divide(sum, count);
    const shares = new HistogramTotal(scale(this.#members[0]!, 1 / count));
    for (const member of this.#members.slice(1)) shares.add(scale(member, 1 / count));
    return shares.sum;
  }
}

/** What `a + b` loses. */
function roundingError(a: number, b: number): number {
  const sum = a + b;
  if (!Number.isFinite(sum)) return 0;
  return Math.abs(a) >= Math.abs(b) ? a - sum + b : b - sum + a;
}
