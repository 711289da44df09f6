import type {
  InstantResult,
  PromqlAnswer,
  PromqlEngine,
  PromqlLimits,
  PromqlQueryOptions,
  RangeResult,
} from '../engine-contract.ts';
import { DEFAULT_LIMITS } from '../limits.ts';
import type { Expression } from '../syntax/expression.ts';
import { formatPromql } from '../syntax/format.ts';
import { parsePromql } from '../syntax/parser.ts';
import { type Reach, reachOf } from './reach.ts';
import type { SourceChanges } from './source-changes.ts';
import { bytesOf, cut, joined, type Steps, toResult } from './steps.ts';

interface CacheOptions {
  readonly engine: PromqlEngine;
  readonly changes: SourceChanges;
  /** Most memory of all kept answers, about. Default 64 MiB. */
  readonly memoryBytes?: number;
}

interface CacheStats {
  readonly entries: number;
  readonly bytes: number;
  /** Steps of range queries that came from memory, and that were evaluated. */
  readonly stepsFound: number;
  readonly stepsEvaluated: number;
}

interface Entry {
  readonly steps: Steps;
  /** What was written since is not in the steps. */
  readonly mark: number;
  readonly bytes: number;
}

/** When an evaluation began: what it reads of steps before `from` may change without being told. */
interface Seen {
  readonly mark: number;
  readonly from: number;
}

interface Range {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** An answer larger than this part of the memory is not kept. */
const LARGEST_SHARE = 0.25;
/** So many times the asked steps an answer keeps of earlier ones. */
const MOST_KEPT = 2;

/**
 * An engine that keeps the finished steps of range queries and evaluates only those that are new, or that samples were
 * written for since. Answers with annotations or native histograms are evaluated each time.
 */
export class CachedEngine implements PromqlEngine {
  readonly #options: CacheOptions;
  readonly #memoryBytes: number;
  /** The one that was used last comes last. */
  readonly #entries = new Map<string, Entry>();
  #bytes = 0;
  #stepsFound = 0;
  #stepsEvaluated = 0;

  constructor(options: CacheOptions) {
    this.#options = options;
    this.#memoryBytes = options.memoryBytes ?? 64 * 1024 * 1024;
  }

  get stats(): CacheStats {
    return {
      entries: this.#entries.size,
      bytes: this.#bytes,
      stepsFound: this.#stepsFound,
      stepsEvaluated: this.#stepsEvaluated,
    };
  }

  instant(
    query: string | Expression,
    time: number,
    options?: PromqlQueryOptions,
  ): Promise<PromqlAnswer<InstantResult>> {
    return this.#options.engine.instant(query, time, options);
  }

  async range(
    query: string | Expression,
    range: Range,
    options: PromqlQueryOptions = {},
  ): Promise<PromqlAnswer<RangeResult>> {
    const limits = { ...DEFAULT_LIMITS, ...options.limits };
    const expression = typeof query === 'string' ? parsePromql(query) : query;
    const reach = isPlain(range, options, limits) ? reachOf(expression, { ...limits, step: range.step }) : undefined;
    if (!reach) return await this.#options.engine.range(query, range, options);
    const text = typeof query === 'string' ? query : formatPromql(query);
    const key = [range.step, mod(range.start, range.step), limits.lookbackMs, limits.subqueryStepMs, text].join(' ');
    return await this.#answer(key, query, reach, onGrid(range), options);
  }

  async #answer(
    key: string,
    query: string | Expression,
    reach: Reach,
    range: Range,
    options: PromqlQueryOptions,
  ): Promise<PromqlAnswer<RangeResult>> {
    const { engine, changes } = this.#options;
    const { start, end, step } = range;
    // In this order: what is written from here on counts as news.
    const seen = { mark: changes.mark(), from: changes.keptFrom() + reach.back };
    const usable = this.#usable(key, reach, range);
    const found = usable && overlap(usable, range);
    if (!found) return await this.#evaluateAll(key, seen, query, range, options);
    const last = found.first + (found.count - 1) * step;
    this.#stepsFound += found.count;
    const before =
      found.first > start ? await engine.range(query, { start, end: found.first - step, step }, options) : undefined;
    const after = last < end ? await engine.range(query, { start: last + step, end, step }, options) : undefined;
    const evaluated = [before, after].filter((answer) => answer !== undefined);
    if (!evaluated.every(isKept)) {
      this.#forget(key);
      return await engine.range(query, range, options);
    }
    const parts = [
      ...(before ? [stepsOf(before, start, found.first - step, step)] : []),
      found,
      ...(after ? [stepsOf(after, last + step, end, step)] : []),
    ];
    const steps = joined(parts, step);
    this.#stepsEvaluated += steps.count - found.count;
    if (evaluated.length > 0) this.#keep(key, seen, withEarlier(usable, steps, step), step);
    else this.#touch(key);
    const samplesRead = evaluated.reduce((sum, answer) => sum + answer.samplesRead, 0);
    return { result: toResult(steps), warnings: [], infos: [], samplesRead };
  }

  async #evaluateAll(
    key: string,
    seen: Seen,
    query: string | Expression,
    range: Range,
    options: PromqlQueryOptions,
  ): Promise<PromqlAnswer<RangeResult>> {
    const answer = await this.#options.engine.range(query, range, options);
    const steps = stepsOf(answer, range.start, range.end, range.step);
    this.#stepsEvaluated += steps.count;
    if (isKept(answer)) this.#keep(key, seen, steps, range.step);
    return answer;
  }

  /** What is kept for the key and still true. */
  #usable(key: string, { metrics, back, ahead }: Reach, { step }: Range): Steps | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    const { changes } = this.#options;
    const { first, count } = entry.steps;
    const changedFrom = changes.earliestSince(entry.mark, metrics) - ahead;
    const from = firstStepFrom(changes.keptFrom() + back, first, step);
    const to = first + Math.min(count - 1, Math.ceil((changedFrom - first) / step) - 1) * step;
    if (from > to || Number.isNaN(to)) {
      this.#forget(key);
      return undefined;
    }
    return cut(entry.steps, step, from, to);
  }

  #keep(key: string, { mark, from }: Seen, all: Steps, step: number): void {
    this.#forget(key);
    const last = all.first + (all.count - 1) * step;
    const first = firstStepFrom(from, all.first, step);
    if (first > last) return;
    const steps = cut(all, step, first, last);
    const bytes = bytesOf(steps) + key.length;
    if (bytes > this.#memoryBytes * LARGEST_SHARE) return;
    this.#entries.set(key, { steps, mark, bytes });
    this.#bytes += bytes;
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= this.#memoryBytes) break;
      this.#forget(oldest);
    }
  }

  #touch(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
  }

  #forget(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#bytes -= entry.bytes;
    this.#entries.delete(key);
  }
}

/** What the engine refuses, and what asks for it, goes to the engine as it is. */
function isPlain(
  { start, end, step }: Range,
  { isUncached }: PromqlQueryOptions,
  { maxPoints }: PromqlLimits,
): boolean {
  if (isUncached === true || !Number.isInteger(start) || !Number.isInteger(step) || step <= 0) return false;
  return end >= start && (end - start) / step < maxPoints;
}

/** The range up to its last step. */
function onGrid({ start, end, step }: Range): Range {
  return { start, end: start + Math.floor((end - start) / step) * step, step };
}

function firstStepFrom(time: number, first: number, step: number): number {
  return first + Math.max(0, Math.ceil((time - first) / step)) * step;
}

function mod(value: number, by: number): number {
  return ((value % by) + by) % by;
}

function stepsOf({ result }: PromqlAnswer<RangeResult>, first: number, last: number, step: number): Steps {
  return { first, count: Math.round((last - first) / step) + 1, series: result.series };
}

function overlap(steps: Steps, { start, end, step }: Range): Steps | undefined {
  const from = Math.max(start, steps.first);
  const to = Math.min(end, steps.first + (steps.count - 1) * step);
  return from > to ? undefined : cut(steps, step, from, to);
}

/** The new steps, with earlier and later ones that are known as long as there are not too many. */
function withEarlier(known: Steps, steps: Steps, step: number): Steps {
  const knownLast = known.first + (known.count - 1) * step;
  const last = steps.first + (steps.count - 1) * step;
  const from = Math.min(known.first, steps.first);
  const to = Math.max(knownLast, last);
  if ((to - from) / step >= MOST_KEPT * steps.count) return steps;
  const parts = [
    ...(from < steps.first ? [cut(known, step, from, steps.first - step)] : []),
    steps,
    ...(to > last ? [cut(known, step, last + step, to)] : []),
  ];
  return joined(parts, step);
}

function isKept({ result, warnings, infos }: PromqlAnswer<RangeResult>): boolean {
  return warnings.length === 0 && infos.length === 0 && result.series.every(({ histograms }) => !histograms);
}
