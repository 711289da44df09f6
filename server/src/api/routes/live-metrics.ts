import { PassThrough } from 'node:stream';
import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, ServiceError } from '../../model/errors.ts';
import { METRIC_NAME } from '../../model/labels.ts';
import {
  type Expression,
  type InstantResult,
  type PromqlEngine,
  parsePromql,
  type ResultSeries,
  selector,
  typeOf,
} from '../../query/promql/index.ts';
import { liveEvent, liveQuery } from '../contract/live-metrics.ts';

export interface LiveMetricsDependencies {
  readonly engine: PromqlEngine;
  readonly clock: Clock;
  /** Most streams at a time. */
  readonly mostClients?: number;
}

/** A comment so often keeps proxies from closing what is silent. */
const HEARTBEAT_MS = 15_000;
/** So far back a client that comes again gets what it has missed, and at most so many points. */
const MOST_MISSED_MS = 3_600_000;
const MOST_MISSED = 500;
const MOST_QUERIES = 20;
const MOST_SERIES = 1000;
/** A client that has so much unread, bytes, is too slow: it comes again and goes on from there. */
const MOST_UNREAD = 4 * 1024 * 1024;
const MOST_CLIENTS = 100;

interface Asked {
  readonly name: string;
  readonly expression: Expression;
}

/** Newest values of metrics as server-sent events. */
export function liveMetricRoutes({ engine, clock, mostClients = MOST_CLIENTS }: LiveMetricsDependencies): Route[] {
  let clients = 0;
  return [
    route({
      method: 'GET',
      path: '/api/monitoring/stream',
      tag: 'monitoring',
      summary: 'Newest values of metrics and PromQL queries, as server-sent events',
      description:
        'One `values` event an interval, its data as described here. The id of an event is its time: a client that comes again with `Last-Event-ID` gets what it has missed of the last hour, as EventSource does by itself.',
      scope: 'read',
      query: liveQuery,
      success: { status: 200, contentType: 'text/event-stream', schema: liveEvent },
      handle: ({ query, request, reply, signal }) => {
        const asked = readAsked(query);
        if (clients >= mostClients) {
          throw new ServiceError('overloaded', `there are ${mostClients} live streams already, which is the limit`, {
            retryAfterSeconds: 5,
          });
        }
        clients++;
        const stream = new LiveStream({ asked, intervalMs: query.interval, engine, clock, signal });
        stream.output.once('close', () => clients--);
        void stream.start(lastEventTime(request.headers['last-event-id']));
        reply.type('text/event-stream; charset=utf-8').header('cache-control', 'no-store');
        reply.header('x-accel-buffering', 'no');
        return stream.output;
      },
    }),
  ];
}

function readAsked({
  metric = [],
  query = [],
}: {
  metric?: string[] | undefined;
  query?: string[] | undefined;
}): Asked[] {
  const count = metric.length + query.length;
  if (count === 0) throw invalid({ path: 'metric', message: 'name at least one metric, or give a query' });
  if (count > MOST_QUERIES) throw invalid({ path: 'query', message: `at most ${MOST_QUERIES} metrics and queries` });
  const queries = query.map((text) => {
    const expression = parsePromql(text);
    const type = typeOf(expression);
    if (type === 'instant vector' || type === 'scalar') return { name: text, expression };
    throw invalid({
      path: 'query',
      message: `${text} is of type ${type}; only instant vectors and scalars can be followed`,
    });
  });
  return [
    ...metric.map((name) => ({ name, expression: selector([{ name: METRIC_NAME, operator: '=', value: name }]) })),
    ...queries,
  ];
}

function lastEventTime(header: string | string[] | undefined): number | undefined {
  const text = String(header ?? '');
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

interface StreamOptions {
  readonly asked: readonly Asked[];
  readonly intervalMs: number;
  readonly engine: PromqlEngine;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

interface LiveSeries {
  readonly labels: ResultSeries['labels'];
  readonly value: number | null;
}

/** One client: asks at multiples of its interval until it leaves. */
class LiveStream {
  readonly output = new PassThrough();
  readonly #options: StreamOptions;
  readonly #ended = new AbortController();
  #lastWrite: number;

  constructor(options: StreamOptions) {
    this.#options = options;
    this.#lastWrite = options.clock.now();
    this.output.once('close', () => this.#ended.abort());
    options.signal.addEventListener('abort', () => this.output.destroy(), { once: true });
    // A client that left is nothing to report.
    this.output.on('error', () => {});
  }

  async start(after: number | undefined): Promise<void> {
    const { intervalMs } = this.#options;
    this.#write(`retry: ${Math.max(1000, Math.min(intervalMs, 10_000))}\n\n`);
    if (after !== undefined) await this.#catchUp(after);
    await this.#tick(this.#lastSlot());
  }

  /** The newest multiple of the interval. */
  #lastSlot(): number {
    const { clock, intervalMs } = this.#options;
    return Math.floor(clock.now() / intervalMs) * intervalMs;
  }

  async #tick(time: number): Promise<void> {
    if (this.#ended.signal.aborted) return;
    await this.#send(time);
    const { intervalMs } = this.#options;
    const next = Math.max(time, this.#lastSlot()) + intervalMs;
    this.#wait(next, () => void this.#tick(next));
  }

  /** Heartbeats go on while nothing else is due. */
  #wait(until: number, then: () => void): void {
    if (this.#ended.signal.aborted) return;
    const { clock } = this.#options;
    const heartbeat = this.#lastWrite + HEARTBEAT_MS;
    const timer = clock.setTimer(Math.max(0, Math.min(until, heartbeat) - clock.now()), () => {
      this.#ended.signal.removeEventListener('abort', cancel);
      if (clock.now() >= until) return then();
      this.#write(': here\n\n');
      this.#wait(until, then);
    });
    const cancel = () => timer.cancel();
    this.#ended.signal.addEventListener('abort', cancel, { once: true });
  }

  async #send(time: number): Promise<void> {
    const { asked, engine } = this.#options;
    const signal = this.#ended.signal;
    const results = await Promise.all(
      asked.map(async ({ name, expression }) => {
        try {
          const { result } = await engine.instant(expression, time, { signal });
          return { name, series: seriesOf(result) };
        } catch (error) {
          return { name, series: [], error: messageOf(error) };
        }
      }),
    );
    this.#event(time, results);
  }

  /** The events between `after` and now, not sent again. */
  async #catchUp(after: number): Promise<void> {
    const { asked, engine, intervalMs } = this.#options;
    const end = this.#lastSlot() - intervalMs;
    const oldest = end - Math.min(MOST_MISSED_MS, (MOST_MISSED - 1) * intervalMs);
    const start = Math.max(
      Math.floor(after / intervalMs) * intervalMs + intervalMs,
      Math.ceil(oldest / intervalMs) * intervalMs,
    );
    if (start > end) return;
    const signal = this.#ended.signal;
    try {
      const ranges = await Promise.all(
        asked.map(({ expression }) => engine.range(expression, { start, end, step: intervalMs }, { signal })),
      );
      for (let time = start; time <= end; time += intervalMs) {
        this.#event(
          time,
          asked.map(({ name }, index) => ({ name, series: seriesAt(ranges[index]!.result.series, time) })),
        );
      }
    } catch (error) {
      this.#write(`: what was missed cannot be given: ${messageOf(error).replaceAll('\n', ' ')}\n\n`);
    }
  }

  #event(time: number, results: readonly { readonly name: string; readonly series: readonly LiveSeries[] }[]): void {
    this.#write(`id: ${time}\nevent: values\ndata: ${JSON.stringify({ timestamp: formatInstant(time), results })}\n\n`);
  }

  #write(text: string): void {
    if (this.#ended.signal.aborted) return;
    this.#lastWrite = this.#options.clock.now();
    this.output.write(text);
    if (this.output.writableLength + this.output.readableLength > MOST_UNREAD) this.output.destroy();
  }
}

function seriesOf(result: InstantResult): LiveSeries[] {
  if (result.type === 'scalar') return [{ labels: {}, value: finite(result.value) }];
  if (result.type !== 'vector') return [];
  return result.samples
    .slice(0, MOST_SERIES)
    .flatMap(({ labels, value, histogram }) => (histogram ? [] : [{ labels, value: finite(value) }]));
}

function seriesAt(series: readonly ResultSeries[], time: number): LiveSeries[] {
  return series.slice(0, MOST_SERIES).flatMap(({ labels, timestamps, values, histograms }) => {
    const at = timestamps.indexOf(time);
    return at < 0 || histograms?.[at] ? [] : [{ labels, value: finite(values[at]!) }];
  });
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function messageOf(error: unknown): string {
  return error instanceof ServiceError ? error.message : 'the query failed';
}
