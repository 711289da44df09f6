import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../../../tests/support/eventually.ts';
import { MemorySeriesSource } from '../../../../tests/support/memory-series-source.ts';
import { silentLogger as logger } from '../../../../tests/support/telemetry-store.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { createHttpServer } from '../../http/index.ts';
import { createPromqlEngine } from '../../query/promql/index.ts';
import { liveMetricRoutes } from './live-metrics.ts';

const SECOND = 1000;
const clock = new VirtualClock();
const start = clock.now();
/** `queue` counts the seconds from a minute before the start. */
const source = new MemorySeriesSource().load(
  ['queue{name="mail"} 0+1x7200', 'queue{name="web"} 5+0x7200'],
  SECOND,
  start - 60_000,
);
let app: FastifyInstance;
let url: string;

beforeAll(async () => {
  app = await createHttpServer({
    routes: liveMetricRoutes({ engine: createPromqlEngine({ source, clock }), clock, mostClients: 2 }),
    guards: {
      authenticator: { open: true, authenticate: async () => undefined },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger,
    trustProxy: false,
  });
  url = `${await app.listen({ host: '127.0.0.1', port: 0 })}/api/monitoring/stream`;
});

afterAll(async () => {
  await app?.close();
});

interface Event {
  readonly id: number;
  readonly data: {
    results: { name: string; series: { labels: Record<string, string>; value: number }[]; error?: string }[];
  };
}

/** Opens a stream and reads on in the background. */
async function open(query: string, headers: Record<string, string> = {}) {
  const leave = new AbortController();
  const response = await fetch(`${url}?${query}`, { headers, signal: leave.signal });
  expect(response.headers.get('content-type')).toContain('text/event-stream');
  let text = '';
  const reading = (async () => {
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) text += chunk;
  })().catch(() => {});
  return {
    text: () => text,
    events: (): Event[] =>
      [...text.matchAll(/^id: (\d+)\nevent: values\ndata: (.*)\n\n/gm)].map(([, id, data]) => ({
        id: Number(id),
        data: JSON.parse(data!),
      })),
    leave: async () => {
      leave.abort();
      await reading;
    },
  };
}

describe('GET /api/monitoring/stream', () => {
  it('sends the values of metrics and queries at each interval, and signs of life between', async () => {
    const stream = await open('metric=queue&query=sum(queue)%20%3E%200&interval=20s');
    await eventually(() => expect(stream.events()).toHaveLength(1));
    const [{ id, data }] = stream.events() as [Event];
    expect(id).toBe(start);
    expect(data.results.map(({ name }) => name)).toEqual(['queue', 'sum(queue) > 0']);
    expect(data.results[0]!.series).toEqual([
      { labels: { __name__: 'queue', name: 'mail' }, value: 60 },
      { labels: { __name__: 'queue', name: 'web' }, value: 5 },
    ]);
    expect(data.results[1]!.series).toEqual([{ labels: {}, value: 65 }]);
    await clock.advance(15 * SECOND);
    await eventually(() => expect(stream.text()).toContain(': here'));
    await clock.advance(5 * SECOND);
    await eventually(() => expect(stream.events()).toHaveLength(2));
    expect(stream.events()[1]!.id).toBe(start + 20 * SECOND);
    expect(stream.events()[1]!.data.results[1]!.series[0]!.value).toBe(85);
    await stream.leave();
  });

  it('goes on where a client was interrupted', async () => {
    const now = clock.now();
    const last = now - 40 * SECOND;
    const stream = await open('query=queue%7Bname%3D%22mail%22%7D&interval=10', { 'last-event-id': String(last) });
    await eventually(() => expect(stream.events()).toHaveLength(4));
    expect(stream.events().map(({ id }) => id)).toEqual([1, 2, 3, 4].map((i) => last + i * 10 * SECOND));
    const values = stream.events().map(({ data }) => data.results[0]!.series[0]!.value);
    expect(values.map((value) => value - values[0]!)).toEqual([0, 10, 20, 30]);
    await stream.leave();
  });

  it('tells of a query that fails, and goes on with the others', async () => {
    const stream = await open('query=queue%20%2B%20on()%20queue&metric=queue');
    await eventually(() => expect(stream.events()).toHaveLength(1));
    const results = stream.events()[0]!.data.results;
    expect(results.find(({ name }) => name === 'queue')!.series).toHaveLength(2);
    expect(results.find(({ name }) => name !== 'queue')!.error).toContain('matching');
    await stream.leave();
  });

  it('has a limit, from which clients that leave do not count', async () => {
    const streams = [await open('metric=queue'), await open('metric=queue')];
    const refused = await fetch(`${url}?metric=queue`);
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBe('5');
    await streams[0]!.leave();
    const again = await eventually(() => open('metric=queue'));
    await again.leave();
    await streams[1]!.leave();
  });

  it.each([
    ['', 'metric: name at least one'],
    ['query=sum(', 'expression'],
    ['query=queue%5B5m%5D', 'only instant vectors and scalars'],
    ['metric=queue&interval=0.5', 'at least 1 second'],
    ['metric=queue&intervall=5', 'did you mean interval?'],
  ])('refuses ?%s', async (query, message) => {
    const response = await fetch(`${url}?${query}`);
    expect(response.status).toBe(422);
    expect(await response.text()).toContain(message);
  });
});
