import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline as pipe } from 'node:stream/promises';
import { createGzip, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { createHttpServer } from '../../http/index.ts';
import type { Clock } from '../../model/clock.ts';
import { ServiceError } from '../../model/errors.ts';
import { collect, type Flow } from '../../model/flow.ts';
import { createPipeline, type Pipeline } from '../../pipeline/index.ts';
import { LineSplitter } from './line-splitter.ts';
import { jsonIngestRoutes } from './routes.ts';

const NOW = Date.UTC(2026, 10, 23, 10);
const still: Clock = { now: () => NOW, setTimer: () => ({ cancel() {} }) };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

interface Sink {
  /** Items of each write. */
  readonly batches: number[];
  /** Called with every batch, before it counts. */
  store: () => Promise<void>;
}

/** A listening server whose store forgets what it gets. */
async function serve(clock = still, limits: Parameters<typeof createPipeline>[0]['limits'] = {}) {
  const sink: Sink = { batches: [], store: async () => {} };
  const write = async (items: Flow<object>) => {
    const batch = collect(items);
    await sink.store();
    sink.batches.push(batch.length);
  };
  const pipeline: Pipeline = createPipeline({
    spans: { writeSpans: write },
    logs: { writeLogs: write },
    samples: { writeSamples: write },
    clock,
    logger: silent,
    limits,
  });
  const app = await createHttpServer({
    routes: jsonIngestRoutes({ intake: pipeline.intake('json'), clock }),
    guards: {
      authenticator: { open: true, authenticate: async () => undefined },
      allowedOrigins: [],
      allowedHosts: undefined,
    },
    logger: silent,
    trustProxy: false,
    checkAnswers: true,
  });
  onTestFinished(() => app.close());
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  return { app, sink, url, pipeline };
}

function open(url: string, path = '/api/logs', headers = {}): ClientRequest {
  return request(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/x-ndjson', ...headers } });
}

async function answerOf(client: ClientRequest): Promise<{ status: number; retryAfter?: string; body: Answer }> {
  const [answer] = (await once(client, 'response')) as [IncomingMessage];
  const body = JSON.parse((await buffer(answer)).toString()) as Answer;
  const retryAfter = answer.headers['retry-after'];
  return { status: answer.statusCode!, body, ...(retryAfter !== undefined && { retryAfter }) };
}

interface Answer {
  readonly accepted: number;
  readonly rejected: number;
  readonly errors: { line?: number; path: string; message: string }[];
  readonly detail?: string;
}

async function post(url: string, payload: string | Buffer, path?: string, headers = {}) {
  const client = open(url, path, headers);
  client.end(payload);
  return await answerOf(client);
}

describe('one object a line', () => {
  it('stores the good lines and names the wrong ones', async () => {
    const { url, sink, pipeline } = await serve();
    const lines = [
      '{"message":"a"}',
      '',
      '{"message":',
      '{"message":"b","level":"loud","trace_id":"x"}',
      '{"message":"c","timestamp":"9999999999999999999"}',
      '{"message":"d"}',
    ];
    const { status, body } = await post(url, lines.join('\r\n'));
    expect([status, body.accepted, body.rejected]).toEqual([202, 2, 3]);
    expect(body.errors.map(({ line, path }) => [line, path])).toEqual([
      [3, 'line'],
      [4, 'level'],
      [4, 'trace_id'],
      [5, 'line'],
    ]);
    expect(sink.batches).toEqual([2]);
    expect(pipeline.stats()[1]).toMatchObject({ rejected: { invalid_item: 2, time_out_of_range: 1 } });
  });

  it('stores what has come when nothing more comes for a second', async () => {
    const clock = new VirtualClock(NOW);
    const { url, sink } = await serve(clock);
    const client = open(url);
    client.write('{"message":"a"}\n{"message":"b"}\n{"message":"c');
    while (sink.batches.length === 0) await clock.advance(1000);
    expect(sink.batches).toEqual([2]);
    client.end('"}\n');
    const { status, body } = await answerOf(client);
    expect([status, body.accepted, sink.batches]).toEqual([202, 3, [2, 1]]);
  });

  it('refuses a body in which every line is wrong', async () => {
    const { url, sink } = await serve();
    const { status, body } = await post(url, '{}\n[]\n');
    expect(status).toBe(422);
    expect(body.errors).toEqual([
      { path: 'line 1: message', message: expect.any(String) },
      { path: 'line 2', message: expect.any(String) },
    ]);
    expect(sink.batches).toEqual([]);
  });

  it('takes metrics and spans the same way, compressed too', async () => {
    const { url, pipeline } = await serve();
    const samples = '{"name":"depth","value":1}\n{"name":"depth","value":"x"}\n{"name":"orders_total","value":2}';
    const gzip = { 'content-encoding': 'gzip' };
    expect(await post(url, gzipSync(samples), '/api/monitoring/metrics', gzip)).toMatchObject({
      status: 202,
      body: { accepted: 2, rejected: 1, errors: [{ line: 2, path: 'value', message: 'must be a finite number' }] },
    });
    const span = { trace_id: '1'.repeat(32), span_id: '2'.repeat(16), name: 'GET /', started_at: NOW, duration_ms: 5 };
    const wrong = { ...span, span_id: '0'.repeat(16) };
    expect(await post(url, [span, wrong].map((each) => JSON.stringify(each)).join('\n'), '/api/traces')).toMatchObject({
      status: 202,
      body: { accepted: 1, rejected: 1, errors: [{ line: 2, path: 'span_id' }] },
    });
    expect(pipeline.stats().map(({ accepted }) => accepted)).toEqual([1, 0, 2]);
  });

  it('passes over a line that is too long, in the memory of one', async () => {
    const { url } = await serve();
    const { body } = await post(url, `{"message":"a"}\n{"message":"${'x'.repeat(5 * 1024 * 1024)}"}\n{"message":"b"}`);
    expect(body).toMatchObject({ accepted: 2, rejected: 1, errors: [{ line: 2, path: 'line' }] });
  });

  it('says how far it came where the compression is broken', async () => {
    const { url } = await serve();
    const packed = gzipSync('{"message":"a"}\n'.repeat(10_000));
    const half = packed.subarray(0, packed.length / 2);
    const { status, body } = await post(url, half, '/api/logs', { 'content-encoding': 'gzip' });
    expect([status, body.detail]).toEqual([
      400,
      expect.stringMatching(/cannot be decompressed.*lines up to|nothing is/),
    ]);
  });

  it('are not of interest where there is nothing', async () => {
    const { app } = await serve();
    const headers = { 'content-type': 'application/x-ndjson' };
    expect((await app.inject({ method: 'POST', url: '/api/unknown', headers, payload: '{}' })).statusCode).toBe(404);
  });
});

describe('a stream', () => {
  it('is read no faster than it is stored', async () => {
    const { url, sink } = await serve();
    const gate = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    sink.store = () => {
      reached.resolve();
      return gate.promise;
    };
    const line = `{"message":"${'x'.repeat(1000)}"}\n`;
    const count = 40_000;
    let made = 0;
    const lines = Readable.from(
      (function* () {
        for (; made < count; made++) yield line;
      })(),
    );
    const client = open(url);
    const sent = pipe(lines, client);
    await reached.promise;
    // The buffers of both sides and of the system fill up; then nothing moves until the store has stored.
    await expect
      .poll(() => {
        const before = made;
        return new Promise<boolean>((resolve) => setTimeout(() => resolve(made === before), 100));
      })
      .toBe(true);
    expect(made).toBeLessThan(count / 2);
    gate.resolve();
    const answer = answerOf(client);
    await sent;
    expect((await answer).body).toMatchObject({ accepted: count, rejected: 0 });
  });

  it('waits while the store is busy, and says where to go on when it stays so', async () => {
    const clock = new VirtualClock(NOW);
    const { url, sink } = await serve(clock);
    let failures = 3;
    sink.store = async () => {
      if (failures-- > 0) throw new ServiceError('overloaded', 'the store is busy', { retryAfterSeconds: 2 });
    };
    const untilAnswered = async (client: ClientRequest) => {
      let answer: Awaited<ReturnType<typeof answerOf>> | undefined;
      void answerOf(client).then((got) => {
        answer = got;
      });
      await expect.poll(() => clock.advance(1000).then(() => answer), { timeout: 20_000 }).toBeDefined();
      return answer!;
    };
    const patient = open(url);
    patient.end('{"message":"a"}\n');
    expect((await untilAnswered(patient)).status).toBe(202);
    failures = 0;
    const refused = open(url);
    sink.store = async () => {
      if (sink.batches.length > 1) throw new ServiceError('overloaded', 'the store is busy', { retryAfterSeconds: 2 });
    };
    refused.end('{"message":"a"}\n'.repeat(200_000));
    refused.on('error', () => {});
    const { status, retryAfter, body } = await untilAnswered(refused);
    expect([status, retryAfter]).toEqual([503, '2']);
    const [, line] = /lines up to (\d+) are done; go on from there/.exec(body.detail!)!;
    expect(Number(line)).toBe(sink.batches.slice(1).reduce((sum, items) => sum + items, 0));
  });

  it.each([['plain'], ['gzip']])('of 300 MB takes no more memory than a short one (%s)', async (form) => {
    const { url, sink } = await serve();
    let stored = 0;
    let peak = 0;
    let settled = 0;
    sink.store = async () => {
      stored++;
      const { rss } = process.memoryUsage();
      // What the first quarter takes is the measure: by then heaps and buffers have their size.
      if (stored <= 40) settled = Math.max(settled, rss);
      else peak = Math.max(peak, rss);
    };
    const line = `${JSON.stringify({ message: 'y'.repeat(900), level: 'info', service: 'shop', order: 17 })}\n`;
    const block = Buffer.from(line.repeat(64));
    const blocks = Math.ceil(300e6 / block.length);
    const body = Readable.from(
      (function* () {
        for (let index = 0; index < blocks; index++) yield block;
      })(),
    );
    const client = open(url, '/api/logs', form === 'gzip' ? { 'content-encoding': 'gzip' } : {});
    const answer = answerOf(client);
    await (form === 'gzip' ? pipe(body, createGzip({ level: 1 }), client) : pipe(body, client));
    expect((await answer).body).toMatchObject({ accepted: blocks * 64, rejected: 0 });
    expect(stored).toBeGreaterThan(120);
    expect(peak - settled).toBeLessThan(150e6);
  });
});

describe('LineSplitter', () => {
  it('gives the same lines however the bytes are cut', () => {
    const bytes = Buffer.from('a\n\nč😀b\r\n  \nlonger than ten\nlast');
    const expected = [
      { number: 1, text: 'a' },
      { number: 3, text: 'č😀b' },
      { number: 5, text: undefined },
      { number: 6, text: 'last' },
    ];
    for (let size = 1; size <= bytes.length; size++) {
      const splitter = new LineSplitter(10);
      const lines = [];
      for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.push(bytes.subarray(at, at + size)));
      expect([...lines, ...splitter.end()]).toEqual(expected);
    }
  });
});
