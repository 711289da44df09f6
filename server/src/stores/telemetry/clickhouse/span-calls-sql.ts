import { rows } from './red-conditions.ts';
import { spanColumns } from './red-figures.ts';

/**
 * Who calls whom, as SQL over spans: the same for one service and for the map of all. A call is
 * - a server or consumer span whose parent is another service's (`callsSql`), or
 * - a client, producer or consumer span at a database, a queue or something outside (`outsideSql`).
 * A message that goes through a named queue is two calls, into the queue and out of it, and none between the services.
 */

/** Whole traces are in the sample or out of it: parameter `every`. */
const SAMPLED = 'cityHash64(TraceId) % {every:UInt32} = 0';

/** A span and a parent as one number: joins on it take a third of the time and memory of two texts. */
const OWN_KEY = 'cityHash64(TraceId, SpanId) AS key';
const PARENT_KEY = 'cityHash64(TraceId, ParentSpanId) AS key';

const IS_ENTRY = "SpanKind IN ('Server', 'Consumer') AND ParentSpanId != ''";
const IS_CALL = "SpanKind IN ('Client', 'Producer') AND ParentSpanId != ''";

/** An instrumentation that names a messaging system means it, even over a database (Redis, PostgreSQL). */
const PEER_KIND = `multiIf(
    SpanAttributes['messaging.system'] != '', 'queue',
    SpanAttributes['db.system.name'] != '' OR SpanAttributes['db.system'] != '', 'database',
    'external')`;

/**
 * What databases, queues and others are called, by new and old names of attributes. Ports tell apart what runs on one
 * host; those of HTTP are left out, because many instrumentations leave them out as well.
 */
const HOST = first('server.address', 'net.peer.name', 'http.host', 'net.peer.ip');
const PORT = first('server.port', 'net.peer.port');
const PEER_NAME = `multiIf(
    kind = 'database', ${joined(first('db.system.name', 'db.system'), '/', first('db.namespace', 'db.name'))},
    kind = 'queue', ${joined("SpanAttributes['messaging.system']", '/', first('messaging.destination.name', 'messaging.destination'))},
    SpanAttributes['peer.service'] != '', SpanAttributes['peer.service'],
    ${HOST} = '' OR ${PORT} IN ('80', '443'), ${HOST},
    ${joined(HOST, ':', PORT)})`;

const OPERATION = first('messaging.operation.type', 'messaging.operation');

/** How a queue is used. Batches have spans for the message and for the batch: see `foldOutside`. */
const FLOW = `multiIf(
    kind = 'queue' AND ${OPERATION} = 'receive', 'received',
    SpanKind = 'Consumer', 'delivered',
    SpanKind = 'Producer', 'sent',
    'called')`;

function first(...attributes: readonly string[]): string {
  return `coalesce(${attributes.map((name) => `nullIf(SpanAttributes['${name}'], '')`).join(', ')}, '')`;
}

function joined(one: string, separator: string, other: string): string {
  return `if(${other} = '', ${one}, concat(${one}, '${separator}', ${other}))`;
}

export interface CallSides {
  /** Condition on the spans that call; they may lie a while around the range. */
  readonly parents: string;
  /** Condition on the spans that answer; these are counted. */
  readonly children: string;
  /** The side with fewer spans, which is held in memory. */
  readonly held: 'parents' | 'children';
  /** Edges at most, the busiest. */
  readonly limit: number;
}

const THROUGH_QUEUE = "parent.SpanKind IN ('Client', 'Producer') AND child.queued";

/** Rows of `source`, `target` and `spanColumns`. */
export function callsSql({ parents, children, held, limit }: CallSides): string {
  const parent = `(
  SELECT ${OWN_KEY}, ServiceName, SpanKind FROM otel_traces
  WHERE ${parents} AND ${rows.nearRange} AND ${SAMPLED}
) AS parent`;
  const child = `(
  SELECT ${PARENT_KEY}, ServiceName, StatusCode, Duration, Timestamp,
    SpanKind = 'Consumer' AND SpanAttributes['messaging.system'] != '' AS queued
  FROM otel_traces
  WHERE ${children} AND ${rows.inRange} AND ${IS_ENTRY} AND ${SAMPLED}
) AS child`;
  const [streamed, kept] = held === 'parents' ? [child, parent] : [parent, child];
  return `
SELECT parent.ServiceName AS source, child.ServiceName AS target, ${spanColumns}
FROM ${streamed}
INNER JOIN ${kept} ON parent.key = child.key
WHERE source != target AND NOT (${THROUGH_QUEUE})
GROUP BY source, target ORDER BY requests DESC, source, target LIMIT ${limit}
SETTINGS max_execution_time = 20`;
}

export interface OutsideScope {
  /** Condition on the spans that call. */
  readonly callers: string;
  /** ` AND ...`: what more is asked of those that are counted. Dear conditions stand here, where they are read once. */
  readonly andAlso: string;
  /** Rows at most by service, and as many over all services; the busiest. */
  readonly limit: number;
}

/**
 * Rows of `service`, `kind`, `name`, `flow`, `target` and `spanColumns`; `is_total` ones are over all services.
 * `target` is the service that answers the caller's other calls to the same address: see `foldOutside`.
 *
 * What is counted once although it has several spans: a call that another service's span answers is not outside; of a
 * database's or queue's span and the calls to hosts under it, the former counts; of a client's call and the calls
 * under it (redirects, tries), the latter do.
 */
export function outsideSql({ callers, andAlso, limit }: OutsideScope): string {
  return `
SELECT service, kind, name, flow, if(kind = 'external', answered.target, '') AS target,
  grouping(service) AS is_total, ${spanColumns}
FROM (
  SELECT ServiceName AS service, ${PEER_KIND} AS kind, ${PEER_NAME} AS name, ${FLOW} AS flow,
    StatusCode, Duration, Timestamp
  FROM otel_traces
  WHERE ${callers}${andAlso} AND ${rows.inRange} AND ${SAMPLED} AND SpanKind IN ('Client', 'Producer', 'Consumer')
    AND name != '' AND (SpanKind = 'Client' OR kind = 'queue') AND NOT (kind = 'queue' AND ${OPERATION} = 'settle')
    AND (SpanKind != 'Client' OR ${PARENT_KEY_OF_CALL} NOT IN (${carriersSql(callers)}))
    AND (SpanKind != 'Client' OR kind = 'queue' OR ${KEY_OF_CALL} NOT IN (${keysUnderSql(callers, IS_ENTRY)}))
    AND (kind != 'external' OR ${KEY_OF_CALL} NOT IN (${keysUnderSql(callers, IS_CALL)}))
) AS call
LEFT ANY JOIN (${addressesSql(callers)}) AS answered ON call.service = answered.service AND call.name = answered.name
GROUP BY GROUPING SETS ((service, kind, name, flow, target), (kind, name, flow, target))
ORDER BY requests DESC, service, kind, name, flow LIMIT ${limit} BY is_total
SETTINGS max_execution_time = 20`;
}

const KEY_OF_CALL = 'cityHash64(TraceId, SpanId)';
const PARENT_KEY_OF_CALL = 'cityHash64(TraceId, ParentSpanId)';

/** Spans at databases and queues: what is called under them is how they are reached. */
function carriersSql(callers: string): string {
  return `
      SELECT ${OWN_KEY} FROM otel_traces
      WHERE ${callers} AND ${rows.nearRange} AND ${SAMPLED} AND SpanKind IN ('Client', 'Producer')
        AND ${PEER_KIND} != 'external'`;
}

/** Clients' spans with a span of such kinds under them. The callers' spans are the smaller side: held in memory. */
function keysUnderSql(callers: string, children: string): string {
  return `
      SELECT child.key FROM (
        SELECT ${PARENT_KEY} FROM otel_traces WHERE ${children} AND ${rows.nearRange} AND ${SAMPLED}
      ) AS child
      INNER JOIN (
        SELECT ${OWN_KEY} FROM otel_traces
        WHERE ${callers} AND ${rows.inRange} AND ${SAMPLED} AND SpanKind = 'Client'
      ) AS caller ON child.key = caller.key`;
}

/** Which service answers a caller at an address: the one that mostly does. */
function addressesSql(callers: string): string {
  return `
  SELECT service, name, argMax(other, calls) AS target FROM (
    SELECT caller.service AS service, caller.name AS name, child.ServiceName AS other, count() AS calls
    FROM (
      SELECT ${PARENT_KEY}, ServiceName FROM otel_traces WHERE ${IS_ENTRY} AND ${rows.nearRange} AND ${SAMPLED}
    ) AS child
    INNER JOIN (
      SELECT ${OWN_KEY}, ServiceName AS service, ${PEER_KIND} AS kind, ${PEER_NAME} AS name
      FROM otel_traces
      WHERE ${callers} AND ${rows.nearRange} AND ${SAMPLED} AND SpanKind = 'Client' AND kind = 'external'
    ) AS caller ON child.key = caller.key
    GROUP BY service, name, other
  )
  GROUP BY service, name`;
}
