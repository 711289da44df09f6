import type { Call, CallPeer, PeerRed } from '../call-store.ts';
import type { RedFigures } from '../red-store.ts';

/** `called`: requests, and batches of messages; the rest are messages that go into a queue and come out of it. */
export type Flow = 'called' | 'sent' | 'delivered' | 'received';

/** Calls of a service to or from what is none. */
export interface OutsideCall {
  /** `undefined`: all services together. */
  readonly service: string | undefined;
  readonly peer: CallPeer;
  readonly flow: Flow;
  /** The service that answers other calls of this one to the same address; empty where none does. */
  readonly answeredBy: string;
  readonly figures: RedFigures;
}

/**
 * Puts calls to the outside beside those between services.
 *
 * - A batch of messages may have a span for each message and one for the batch, at either end; where there are spans
 *   of the messages they alone count.
 * - A call to where a service usually answers, without an answer, is not outside. It failed before it came there, which
 *   nobody but the caller has seen: then it is added to the calls of that service. Or the answer's span is yet to come.
 */
export function foldCalls(
  between: readonly Call[],
  outside: readonly OutsideCall[],
): { calls: Call[]; peers: PeerRed[] } {
  const seen = new Set(outside.map((call) => keyOf(call, call.flow)));
  const exact = outside.filter((call) => call.answeredBy === '' && !isBatch(call, seen));
  const own = exact.filter(({ service }) => service !== undefined);
  const failed = outside.filter(
    (call) => call.answeredBy !== '' && call.service !== undefined && call.figures.errors > 0,
  );
  return {
    calls: [...withFailed(between, failed), ...own.map(callOf)],
    peers: peersOf(exact.filter(({ service }) => service === undefined)),
  };
}

function keyOf({ service, peer }: OutsideCall, flow: Flow): string {
  return JSON.stringify([service, peer.kind, peer.name, flow]);
}

function isBatch(call: OutsideCall, seen: ReadonlySet<string>): boolean {
  if (call.flow === 'called') return seen.has(keyOf(call, 'sent'));
  return call.flow === 'received' && seen.has(keyOf(call, 'delivered'));
}

function comesOut({ flow }: OutsideCall): boolean {
  return flow === 'delivered' || flow === 'received';
}

function callOf(call: OutsideCall): Call {
  const owner: CallPeer = { kind: 'service', name: call.service! };
  const ends = comesOut(call) ? { source: call.peer, target: owner } : { source: owner, target: call.peer };
  return { ...ends, ...call.figures };
}

/** One for each: later ones of the same key win. */
function peersOf(totals: readonly OutsideCall[]): PeerRed[] {
  const ordered = [...totals.filter(comesOut), ...totals.filter((total) => !comesOut(total))];
  const peers = new Map(
    ordered.map((total) => [`${total.peer.kind} ${total.peer.name}`, { ...total.peer, ...total.figures }]),
  );
  return [...peers.values()];
}

function withFailed(between: readonly Call[], failed: readonly OutsideCall[]): Call[] {
  const calls = new Map(between.map((call) => [JSON.stringify([call.source.name, call.target.name]), call]));
  for (const { service, answeredBy, figures } of failed) {
    const key = JSON.stringify([service, answeredBy]);
    const known = calls.get(key);
    calls.set(key, known ? addFailed(known, figures) : onlyFailed(service!, answeredBy, figures));
  }
  return [...calls.values()];
}

/** Durations stay those of answered calls. */
function addFailed(call: Call, { errors }: RedFigures): Call {
  const requests = call.requests + errors;
  return { ...call, requests, errors: call.errors + errors, apdex: (call.apdex * call.requests) / requests };
}

function onlyFailed(source: string, target: string, figures: RedFigures): Call {
  return {
    source: { kind: 'service', name: source },
    target: { kind: 'service', name: target },
    ...figures,
    requests: figures.errors,
    apdex: 0,
  };
}
