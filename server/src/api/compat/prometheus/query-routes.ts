import { type Route, type RouteContext, route } from '../../../http/index.ts';
import type { Clock } from '../../../model/clock.ts';
import { ServiceError } from '../../../model/errors.ts';
import {
  type Expression,
  formatPromql,
  type InstantResult,
  type PromqlAnswer,
  type PromqlEngine,
  type PromqlLimits,
  type RangeResult,
  sortByLabels,
  typeOf,
} from '../../../query/promql/index.ts';
import {
  expressionParameters,
  instantQueryParameters,
  prometheusAnswer,
  rangeQueryParameters,
} from '../../contract/prometheus.ts';
import { type Remarks, sendData, sendWritten } from './answer.ts';
import { PrometheusError, wrongParameter } from './errors.ts';
import { Parameters } from './parameters.ts';
import { writeResult } from './result-json.ts';
import { describeExpression } from './syntax-tree.ts';

export interface QueryDependencies {
  readonly engine: PromqlEngine;
  readonly clock: Clock;
}

type Context = RouteContext<unknown, unknown, unknown>;
type Result = InstantResult | RangeResult;

/** Prometheus takes as many intervals, hence one point more. */
const MOST_INTERVALS = 11_000;
const LONGEST_TIMEOUT_MS = 60_000;
const FORM = 'application/x-www-form-urlencoded';
const LARGEST_FORM = 10 * 1024 * 1024;
const ORDERING = /\b(?:sort|sort_desc|sort_by_label|sort_by_label_desc|topk|bottomk)\b/i;
/** Sorting more would keep others waiting; no client promises itself an order. */
const MOST_SORTED = 50_000;
const TRUNCATED = 'results truncated due to limit';

export function queryRoutes(dependencies: QueryDependencies): Route[] {
  return [
    ...getAndPost('/api/v1/query', 'The value of a PromQL expression at one time', instantQueryParameters, (context) =>
      answerInstant(context, dependencies),
    ),
    ...getAndPost(
      '/api/v1/query_range',
      'The values of a PromQL expression over time',
      rangeQueryParameters,
      (context) => answerRange(context, dependencies),
    ),
    ...getAndPost('/api/v1/format_query', 'A PromQL expression, formatted', expressionParameters, (context) =>
      sendData(context, formatPromql(new Parameters(context).query().expression)),
    ),
    ...getAndPost('/api/v1/parse_query', 'The syntax tree of a PromQL expression', expressionParameters, (context) =>
      sendData(context, describeExpression(new Parameters(context).query().expression)),
    ),
  ];
}

/** A route and the same with its parameters in a form, for long ones. */
export function getAndPost(
  path: string,
  summary: string,
  query: NonNullable<Route['query']>,
  handle: (context: Context) => unknown,
): Route[] {
  const common = {
    path,
    tag: 'prometheus',
    scope: 'read',
    query,
    lenient: true,
    success: { status: 200, schema: prometheusAnswer },
    handle,
  } as const;
  return [
    route({ ...common, method: 'GET', summary }),
    route({
      ...common,
      method: 'POST',
      summary: `${summary}; parameters also as a form`,
      consumes: [FORM],
      bodyLimit: LARGEST_FORM,
    }),
  ];
}

async function answerInstant(context: Context, { engine, clock }: QueryDependencies): Promise<unknown> {
  const parameters = new Parameters(context);
  const time = parameters.time('time', clock.now());
  const limits = readLimits(parameters);
  const { text } = parameters.query();
  const began = clock.now();
  const answer = await reportingExecution(() => engine.instant(text, time, { signal: context.signal, limits }));
  const result = inOrder(answer.result, text);
  return await sendResult(context, parameters, { ...answer, result }, clock.now() - began);
}

/** Like Prometheus by labels, unless the query may say another order. */
function inOrder(result: InstantResult, query: string): InstantResult {
  if (result.type !== 'vector' || result.samples.length > MOST_SORTED || ORDERING.test(query)) return result;
  return { ...result, samples: sortByLabels(result.samples, result.hasStoredLabels) };
}

async function answerRange(context: Context, { engine, clock }: QueryDependencies): Promise<unknown> {
  const parameters = new Parameters(context);
  const range = readSteps(parameters);
  const limits = { ...readLimits(parameters), maxPoints: MOST_INTERVALS + 1 };
  const { text, expression } = parameters.query();
  checkRangeType(expression);
  const began = clock.now();
  const answer = await reportingExecution(() =>
    engine.range(text, range, { signal: context.signal, limits, isUncached: parameters.flag('nocache') }),
  );
  return await sendResult(context, parameters, answer, clock.now() - began);
}

function readSteps(parameters: Parameters): { start: number; end: number; step: number } {
  const start = parameters.time('start');
  const end = parameters.time('end');
  if (end < start) throw wrongParameter('end', 'end timestamp must not be before start time');
  const step = parameters.duration('step');
  if (step === undefined) throw wrongParameter('step', 'cannot parse "" to a valid duration');
  if (step <= 0) {
    const reason = 'zero or negative query resolution step widths are not accepted. Try a positive integer';
    throw wrongParameter('step', reason);
  }
  if ((end - start) / step <= MOST_INTERVALS) return { start, end, step };
  throw new PrometheusError(
    'bad_data',
    'exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the query resolution (?step=XX)',
  );
}

function readLimits(parameters: Parameters): Partial<PromqlLimits> {
  const timeoutMs = parameters.duration('timeout');
  const lookbackMs = parameters.duration('lookback_delta');
  return {
    // No time at all is over before the query starts.
    ...(timeoutMs !== undefined && { timeoutMs: timeoutMs > 0 ? Math.min(timeoutMs, LONGEST_TIMEOUT_MS) : -1 }),
    ...(lookbackMs !== undefined && lookbackMs > 0 && { lookbackMs }),
  };
}

function checkRangeType(expression: Expression): void {
  const type = typeOf(expression);
  if (type === 'scalar' || type === 'instant vector') return;
  const reason = `invalid expression type "${type}" for range query, must be Scalar or instant Vector`;
  throw wrongParameter('query', reason);
}

/** What the engine refuses of a query that could be parsed is an error of execution. */
export async function reportingExecution<Answer>(run: () => Promise<Answer>): Promise<Answer> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ServiceError) || error.code !== 'invalid') throw error;
    throw new PrometheusError('execution', error.message, error);
  }
}

async function sendResult(
  context: Context,
  parameters: Parameters,
  answer: PromqlAnswer<Result>,
  milliseconds: number,
): Promise<unknown> {
  const { result, isTruncated } = truncate(answer.result, parameters.limit());
  const remarks: Remarks = {
    warnings: isTruncated ? [...answer.warnings, TRUNCATED] : answer.warnings,
    infos: answer.infos,
  };
  const stats = parameters.text('stats') === '' ? '' : `,"stats":${JSON.stringify(statsOf(answer, milliseconds))}`;
  return await sendWritten(
    context,
    function* (writer) {
      writer.text(`{"resultType":"${result.type}","result":`);
      yield* writeResult(writer, result);
      writer.text(`${stats}}`);
    },
    remarks,
  );
}

function truncate(result: Result, limit: number): { result: Result; isTruncated: boolean } {
  if (result.type === 'vector' && result.samples.length > limit) {
    return { result: { ...result, samples: result.samples.slice(0, limit) }, isTruncated: true };
  }
  if (result.type === 'matrix' && result.series.length > limit) {
    return { result: { ...result, series: result.series.slice(0, limit) }, isTruncated: true };
  }
  return { result, isTruncated: false };
}

/** Reading and evaluating are one; their time stands under both names that people look at. */
function statsOf({ samplesRead }: PromqlAnswer<Result>, milliseconds: number) {
  const seconds = milliseconds / 1000;
  return {
    timings: {
      evalTotalTime: seconds,
      resultSortTime: 0,
      queryPreparationTime: 0,
      innerEvalTime: seconds,
      execQueueTime: 0,
      execTotalTime: seconds,
    },
    samples: { totalQueryableSamples: samplesRead, peakSamples: samplesRead },
  };
}
