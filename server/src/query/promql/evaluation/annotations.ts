import { quoteGo } from '../../../lib/go-string.ts';
import { positionAt } from '../../parsing/position.ts';
import type { Span } from '../syntax/expression.ts';

const MAX_KEPT = 100;

/** Warnings and infos of one evaluation, each text once, with the place that they are about. */
export class Annotations {
  readonly warnings = new Set<string>();
  readonly infos = new Set<string>();
  readonly #query: string | undefined;
  readonly #said = new Set<string>();

  constructor(query: string | undefined) {
    this.#query = query;
  }

  warn(text: string, span: Span): void {
    this.#keep(this.warnings, `PromQL warning: ${text}`, span);
  }

  info(text: string, span: Span): void {
    this.#keep(this.infos, `PromQL info: ${text}`, span);
  }

  #keep(kept: Set<string>, text: string, span: Span): void {
    // The same is said for sample after sample, and finding the place costs.
    const key = `${span.start} ${text}`;
    if (kept.size >= MAX_KEPT || this.#said.has(key)) return;
    this.#said.add(key);
    kept.add(`${text}${this.#place(span)}`);
  }

  #place(span: Span): string {
    if (this.#query === undefined) return '';
    const { line, column } = positionAt(this.#query, span.start);
    return ` (${line}:${column})`;
  }
}

/** ` for metric name "x"`, or nothing for a nameless one. */
export function forMetric(name: string): string {
  return name === '' ? '' : ` for metric name ${quoteGo(name)}`;
}
