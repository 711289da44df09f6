import { ServiceError } from '../../model/errors.ts';
import type {
  InstantResult,
  PromqlAnswer,
  PromqlEngine,
  PromqlEngineOptions,
  PromqlLimits,
  PromqlQueryOptions,
  RangeResult,
} from './engine-contract.ts';
import { EvaluationContext, type QueryTimes } from './evaluation/context.ts';
import { TreeEvaluator } from './evaluation/evaluate.ts';
import { selectorsOfTotals } from './evaluation/reset-hints.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { instantResult, rangeResult, windowResult } from './results.ts';
import { typeOf } from './syntax/check.ts';
import type { Expression } from './syntax/expression.ts';
import { parsePromql } from './syntax/parser.ts';

export function createPromqlEngine(options: PromqlEngineOptions): PromqlEngine {
  return new Engine(options);
}

class Engine implements PromqlEngine {
  readonly #options: PromqlEngineOptions;
  readonly #limits: PromqlLimits;

  constructor(options: PromqlEngineOptions) {
    this.#options = options;
    this.#limits = { ...DEFAULT_LIMITS, ...options.limits };
  }

  async instant(
    query: string | Expression,
    time: number,
    options: PromqlQueryOptions = {},
  ): Promise<PromqlAnswer<InstantResult>> {
    const expression = typeof query === 'string' ? parsePromql(query) : query;
    const context = this.#context(query, expression, { start: time, end: time, step: 0 }, options);
    const grid = { start: time, step: 1, count: 1 };
    const isWindow = typeOf(expression) === 'range vector';
    return run(context, async (evaluator) =>
      isWindow
        ? windowResult(await evaluator.range(expression, grid))
        : instantResult(await evaluator.evaluate(expression, grid), time),
    );
  }

  async range(
    query: string | Expression,
    range: { readonly start: number; readonly end: number; readonly step: number },
    options: PromqlQueryOptions = {},
  ): Promise<PromqlAnswer<RangeResult>> {
    const expression = typeof query === 'string' ? parsePromql(query) : query;
    const type = typeOf(expression);
    if (type !== 'scalar' && type !== 'instant vector') {
      throw refused('query', `a range query needs an expression of type scalar or instant vector, got ${type}`);
    }
    const count = countSteps(range, options.limits?.maxPoints ?? this.#limits.maxPoints);
    const context = this.#context(query, expression, range, options);
    const grid = { start: range.start, step: range.step, count };
    return run(context, async (evaluator) => rangeResult(await evaluator.evaluate(expression, grid), grid, context));
  }

  #context(
    query: string | Expression,
    expression: Expression,
    times: QueryTimes,
    options: PromqlQueryOptions,
  ): EvaluationContext {
    return new EvaluationContext({
      times,
      limits: { ...this.#limits, ...options.limits },
      source: this.#options.source,
      clock: this.#options.clock,
      query: typeof query === 'string' ? query : undefined,
      signal: options.signal,
      observer: options.observer,
      totalsOnly: selectorsOfTotals(expression),
    });
  }
}

async function run<Result>(
  context: EvaluationContext,
  evaluate: (evaluator: TreeEvaluator) => Promise<Result>,
): Promise<PromqlAnswer<Result>> {
  try {
    const result = await evaluate(new TreeEvaluator(context));
    const { annotations, samplesRead } = context;
    return { result, warnings: [...annotations.warnings], infos: [...annotations.infos], samplesRead };
  } catch (error) {
    context.abandon();
    throw error;
  }
}

function countSteps(range: { start: number; end: number; step: number }, maxPoints: number): number {
  const { start, end, step } = range;
  if (!(step > 0)) throw refused('step', 'must be above zero');
  if (end < start) throw refused('end', 'must not be before start');
  const count = Math.floor((end - start) / step) + 1;
  if (count <= maxPoints) return count;
  throw refused('step', `gives ${count} points a series, more than the limit of ${maxPoints}; raise it`);
}

function refused(path: string, message: string): ServiceError {
  return new ServiceError('invalid', `${path}: ${message}`, { issues: [{ path, message }] });
}
