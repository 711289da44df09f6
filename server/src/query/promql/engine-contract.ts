import type { Clock } from '../../model/clock.ts';
import type { Labels } from '../../model/labels.ts';
import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { SeriesSource } from './series-source.ts';
import type { Expression } from './syntax/expression.ts';

export interface PromqlLimits {
  /** Most samples that a query may make, loaded ones and those of all its operators together; 9 bytes each. */
  readonly maxSamples: number;
  /** Most steps of a range query. */
  readonly maxPoints: number;
  readonly timeoutMs: number;
  /** How far back an instant selector looks for the newest sample. */
  readonly lookbackMs: number;
  /** Step of subqueries that name none. */
  readonly subqueryStepMs: number;
}

export interface PromqlEngineOptions {
  readonly source: SeriesSource;
  readonly clock: Clock;
  readonly limits?: Partial<PromqlLimits>;
}

export interface PromqlQueryOptions {
  readonly signal?: AbortSignal | undefined;
  /** Limits of this query where they are not the engine's. */
  readonly limits?: Partial<PromqlLimits> | undefined;
  /** True: nothing of the answer comes from a cache. */
  readonly isUncached?: boolean | undefined;
  readonly observer?: QueryObserver | undefined;
}

/** Hears what an evaluation does; times are milliseconds from any origin. */
export interface QueryObserver {
  now(): number;
  /** A selector was read. */
  read(selector: Expression, series: number, samples: number): void;
  /** An expression gave so many series with so many points together, in so long, all inside of it included. */
  evaluated(expression: Expression, series: number, points: number, milliseconds: number): void;
}

/** One value of an instant vector. */
export interface ResultSample {
  readonly labels: Labels;
  /** NaN where there is a histogram. */
  readonly value: number;
  readonly histogram?: NativeHistogram | undefined;
}

/** Points of one series; `timestamps` in Unix milliseconds, ascending. */
export interface ResultSeries {
  readonly labels: Labels;
  readonly timestamps: Float64Array;
  /** NaN where there is a histogram. */
  readonly values: Float64Array;
  /** Native histograms by point; left out where all points are floats. */
  readonly histograms?: readonly (NativeHistogram | undefined)[] | undefined;
}

export type InstantResult =
  | {
      readonly type: 'vector';
      readonly timestamp: number;
      readonly samples: readonly ResultSample[];
      /** True: the labels are the objects of the store, the same in each answer, so that texts of them can be kept. */
      readonly hasStoredLabels?: boolean;
    }
  | { readonly type: 'matrix'; readonly series: readonly ResultSeries[] }
  | { readonly type: 'scalar'; readonly timestamp: number; readonly value: number }
  | { readonly type: 'string'; readonly timestamp: number; readonly value: string };

/** Series sorted by their labels. */
export interface RangeResult {
  readonly type: 'matrix';
  readonly series: readonly ResultSeries[];
}

export interface PromqlAnswer<Result> {
  readonly result: Result;
  /** `PromQL warning: ... (line:column)`; the result is probably not what was meant. */
  readonly warnings: readonly string[];
  /** `PromQL info: ... (line:column)`; the result may not be what was meant. */
  readonly infos: readonly string[];
  readonly samplesRead: number;
}

/**
 * PromQL of Prometheus 3 over a `SeriesSource`. Errors are `ServiceError`s: `invalid` for a query that cannot be
 * parsed (a `QuerySyntaxError` with line and column), evaluated, or that exceeds a limit; `query_timeout`. An aborted
 * signal rejects with its reason. Long evaluations give way to the event loop.
 */
export interface PromqlEngine {
  /** The value at `time` (Unix milliseconds). */
  instant(query: string | Expression, time: number, options?: PromqlQueryOptions): Promise<PromqlAnswer<InstantResult>>;
  /** The values at `start`, `start + step`, ... up to `end` inclusive; all in milliseconds. */
  range(
    query: string | Expression,
    range: { readonly start: number; readonly end: number; readonly step: number },
    options?: PromqlQueryOptions,
  ): Promise<PromqlAnswer<RangeResult>>;
}
