import { quoteGo } from '../../../lib/go-string.ts';
import { add, type Combined, subtract } from '../../../lib/native-histogram/arithmetic.ts';
import { divide, sameHistogram, scale } from '../../../lib/native-histogram/buckets.ts';
import type { NativeHistogram } from '../../../model/native-histogram.ts';
import type { Annotations } from '../evaluation/annotations.ts';
import { trimHistogram } from '../histogram/trim.ts';
import type { Binary } from '../syntax/expression.ts';
import { operationOf } from './operators.ts';

export type Operand = number | NativeHistogram;

/** A binary operator over single samples, of which some may be histograms. */
export class OperandRules {
  readonly #expression: Binary;
  readonly #annotations: Annotations;
  readonly #operation: ReturnType<typeof operationOf>;

  constructor(expression: Binary, annotations: Annotations) {
    this.#expression = expression;
    this.#annotations = annotations;
    this.#operation = operationOf(expression.operator);
  }

  /** True where names do not survive: the result is something else than what the name says. */
  get dropsName(): boolean {
    return this.#operation?.kind === 'arithmetic' || this.#expression.bool;
  }

  /** `apply` for two floats, made for this operator. */
  get floats(): (left: number, right: number, kept: number) => number | undefined {
    const operation = this.#operation;
    if (!operation) return (left, right, kept) => this.apply(left, right, kept) as number | undefined;
    if (operation.kind === 'arithmetic') return operation.compute;
    const { holds } = operation;
    if (this.#expression.bool) return (left, right) => (holds(left, right) ? 1 : 0);
    return (left, right, kept) => (holds(left, right) ? kept : undefined);
  }

  /** `undefined` for no result. `kept` is what a comparison that holds passes on. */
  apply(left: Operand, right: Operand, kept: Operand): Operand | undefined {
    const operation = this.#operation;
    if (typeof left !== 'number' || typeof right !== 'number' || !operation) return this.#mixed(left, right, kept);
    if (operation.kind === 'arithmetic') return operation.compute(left, right);
    const holds = operation.holds(left, right);
    if (this.#expression.bool) return holds ? 1 : 0;
    return holds ? kept : undefined;
  }

  #mixed(left: Operand, right: Operand, kept: Operand): Operand | undefined {
    const { operator } = this.#expression;
    if (typeof left !== 'number' && typeof right !== 'number') {
      switch (operator) {
        case '+':
          return this.#combined(add(left, right), 'addition');
        case '-':
          return this.#combined(subtract(left, right), 'subtraction');
        case '==':
          return this.#compared(sameHistogram(left, right), kept);
        case '!=':
          return this.#compared(!sameHistogram(left, right), kept);
      }
    } else if (typeof left !== 'number' && typeof right === 'number') {
      if (operator === '*') return scale(left, right);
      if (operator === '/') return divide(left, right);
      if (operator === '</') return trimHistogram(left, 'below', right);
      if (operator === '>/') return trimHistogram(left, 'above', right);
    } else if (typeof left === 'number' && typeof right !== 'number' && operator === '*') return scale(right, left);
    const type = (operand: Operand) => (typeof operand === 'number' ? 'float' : 'histogram');
    this.#annotations.info(
      `incompatible sample types encountered for binary operator ${quoteGo(operator)}: ${type(left)} ${operator} ${type(right)}`,
      this.#expression.span,
    );
    return undefined;
  }

  #compared(holds: boolean, kept: Operand): Operand | undefined {
    if (this.#expression.bool) return holds ? 1 : 0;
    return holds ? kept : undefined;
  }

  #combined(combined: Combined | undefined, action: string): NativeHistogram | undefined {
    const { span, operator } = this.#expression;
    if (!combined) {
      this.#annotations.warn(`incompatible bucket layout encountered for binary operator ${operator}`, span);
      return undefined;
    }
    if (combined.hintsCollide) this.#annotations.warn(`conflicting counter resets during histogram ${action}`, span);
    if (combined.boundsReconciled) {
      this.#annotations.info(`mismatched custom buckets were reconciled during ${action}`, span);
    }
    return combined.histogram;
  }
}
