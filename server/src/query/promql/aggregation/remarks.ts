import { quoteGo } from '../../../lib/go-string.ts';
import { type Labels, METRIC_NAME } from '../../../model/labels.ts';
import type { Annotations } from '../evaluation/annotations.ts';
import type { Aggregation } from '../syntax/expression.ts';

/** What an aggregation has to say about members that do not fit. */
export class Remarks {
  readonly #expression: Aggregation;
  readonly #annotations: Annotations;

  constructor(expression: Aggregation, annotations: Annotations) {
    this.#expression = expression;
    this.#annotations = annotations;
  }

  ignoredHistogram(): void {
    this.#info(`ignored histogram in ${this.#expression.aggregator} aggregation`);
  }

  mixedAggregation(): void {
    this.#warn('encountered a mix of histograms and floats for aggregation');
  }

  mixedSchemas(labels: Labels): void {
    const name = quoteGo(labels[METRIC_NAME] ?? '');
    this.#warn(
      `vector contains a mix of histograms with exponential and custom buckets schemas for metric name ${name}`,
    );
  }

  collidingResets(): void {
    this.#warn('conflicting counter resets during histogram aggregation');
  }

  reconciledBounds(): void {
    this.#info('mismatched custom buckets were reconciled during aggregation');
  }

  #warn(text: string): void {
    this.#annotations.warn(text, this.#expression.operand.span);
  }

  #info(text: string): void {
    this.#annotations.info(text, this.#expression.operand.span);
  }
}
