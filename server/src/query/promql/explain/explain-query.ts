import type { PromqlAnswer, PromqlEngine, PromqlQueryOptions } from '../engine-contract.ts';
import { typeOf } from '../syntax/check.ts';
import type { Expression, ValueType } from '../syntax/expression.ts';
import { formatPromql } from '../syntax/format.ts';
import { parsePromql } from '../syntax/parser.ts';
import { childrenOf } from '../syntax/selectors-of.ts';

/** What one part of a query did. */
interface ExplainedNode {
  readonly kind: Expression['kind'];
  readonly text: string;
  readonly type: ValueType;
  /** Index of the part around it in the list; `undefined` for the whole. */
  readonly parent: number | undefined;
  /** Series of its value, and their points at all steps (for a range vector: its samples). */
  readonly series: number;
  readonly points: number;
  /** Samples read from the store, by selectors only. */
  readonly samplesRead: number;
  /** With all inside of it, and with what ran beside it meanwhile; `undefined` where it is part of the one around it. */
  readonly milliseconds: number | undefined;
}

export interface Explanation {
  /** Each part before the parts inside of it. */
  readonly nodes: readonly ExplainedNode[];
  readonly samplesRead: number;
  readonly milliseconds: number;
  readonly warnings: readonly string[];
  readonly infos: readonly string[];
}

/** At one time, or at the steps of a range; Unix milliseconds. */
export type ExplainedTimes =
  | { readonly time: number }
  | { readonly start: number; readonly end: number; readonly step: number };

interface Measured {
  series: number;
  points: number;
  samplesRead: number;
  milliseconds: number | undefined;
}

/** Evaluates a query, without any cache, and tells what each part of it gave and took. `now` in milliseconds. */
export async function explainQuery(
  engine: PromqlEngine,
  query: string,
  times: ExplainedTimes,
  now: () => number,
  options: Pick<PromqlQueryOptions, 'signal' | 'limits'> = {},
): Promise<Explanation> {
  const expression = parsePromql(query);
  const measures = new Map<Expression, Measured>();
  const measureOf = (of: Expression) => {
    const measure = measures.get(of) ?? { series: 0, points: 0, samplesRead: 0, milliseconds: undefined };
    measures.set(of, measure);
    return measure;
  };
  const observed: PromqlQueryOptions = {
    ...options,
    isUncached: true,
    observer: {
      now,
      read(selector, series, samples) {
        const measure = measureOf(selector);
        measure.samplesRead += samples;
        measure.series ||= series;
      },
      evaluated(part, series, points, milliseconds) {
        Object.assign(measureOf(part), { series, points, milliseconds });
      },
    },
  };
  const began = now();
  const answer: PromqlAnswer<unknown> =
    'time' in times
      ? await engine.instant(expression, times.time, observed)
      : await engine.range(expression, times, observed);
  const nodes: ExplainedNode[] = [];
  const add = (part: Expression, parent: number | undefined) => {
    const index = nodes.length;
    nodes.push({ kind: part.kind, text: formatPromql(part), type: typeOf(part), parent, ...measureOf(part) });
    for (const child of childrenOf(part)) add(child, index);
  };
  add(expression, undefined);
  const { samplesRead, warnings, infos } = answer;
  return { nodes, samplesRead, milliseconds: now() - began, warnings, infos };
}
