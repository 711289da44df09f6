import type { TimeRange } from '../../../model/time-range.ts';
import type { Call, CallPeer } from '../call-store.ts';
import type { ClickHouse, QueryOptions } from '../click-house.ts';
import type { Dependencies, DependencyRed, RedOptions } from '../red-store.ts';
import { foldCalls } from './fold-calls.ts';
import { andEnvironment, parametersOf, rows } from './red-conditions.ts';
import { SpanCalls } from './span-calls.ts';

/** Spans of the service that are joined with others at most; beyond, a share of the traces stands for all. */
const MOST_SPANS = 100_000;
const LIMIT = 100;

/** The part of the service map around one service. */
export async function readDependencies(
  clickHouse: ClickHouse,
  service: string,
  range: TimeRange,
  options: RedOptions,
  queryOptions: QueryOptions,
): Promise<Dependencies> {
  const parameters = { ...parametersOf(range, options), service };
  const counted = 'ServiceName = {service:String}';
  const andAlso = andEnvironment(rows.environment, options);
  const own = `${counted}${andAlso}`;
  const others = 'ServiceName != {service:String}';
  const spans = await SpanCalls.of(clickHouse, { ...queryOptions, parameters }, { counted, mostSpans: MOST_SPANS });
  // The service's spans are the smaller side.
  const [received, made, outside] = await Promise.all([
    spans.between({ parents: others, children: own, held: 'children', limit: LIMIT }),
    spans.between({ parents: own, children: others, held: 'parents', limit: LIMIT }),
    spans.outside({ callers: counted, andAlso, limit: LIMIT }),
  ]);
  const { calls } = foldCalls([...received, ...made], outside);
  const isIt = ({ kind, name }: CallPeer) => kind === 'service' && name === service;
  return {
    upstream: busiest(calls.filter(({ target }) => isIt(target)).map((call) => dependencyOf(call, call.source))),
    downstream: busiest(calls.filter(({ source }) => isIt(source)).map((call) => dependencyOf(call, call.target))),
  };
}

function dependencyOf({ source, target, ...figures }: Call, { kind, name }: CallPeer): DependencyRed {
  return { name, kind: kind as DependencyRed['kind'], ...figures };
}

function busiest(dependencies: readonly DependencyRed[]): DependencyRed[] {
  return dependencies
    .toSorted((one, other) => other.requests - one.requests || (one.name < other.name ? -1 : 1))
    .slice(0, LIMIT);
}
