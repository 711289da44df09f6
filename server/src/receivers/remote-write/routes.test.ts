import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createIngestServer,
  INGEST_NOW,
  type IngestServer,
  seriesText,
} from '../../../../tests/support/ingest-server.ts';
import { snappyBlock } from '../../../../tests/support/snappy-block.ts';
import { ProtobufWriter } from '../../lib/protobuf-writer.ts';
import { ServiceError } from '../../model/errors.ts';
import { STALE_MARKER_BITS } from '../../model/stale-marker.ts';

const V1 = 'application/x-protobuf;proto=prometheus.WriteRequest';
const V2 = 'application/x-protobuf;proto=io.prometheus.write.v2.Request';

type Sample = readonly [value: number | bigint, time: number];

/** A value given as bits stays these bits. */
function sample([value, time]: Sample): Buffer {
  const writer = new ProtobufWriter();
  if (typeof value === 'bigint') writer.fixed64(1, value);
  else writer.double(1, value);
  return writer.varint(2, time).finish();
}

function label(name: string, value: string): Buffer {
  return new ProtobufWriter().string(1, name).string(2, value).finish();
}

function seriesV1(labels: Readonly<Record<string, string>>, samples: readonly Sample[], more = new ProtobufWriter()) {
  const writer = new ProtobufWriter();
  for (const [name, value] of Object.entries(labels)) writer.bytes(1, label(name, value));
  for (const one of samples) writer.bytes(2, sample(one));
  return Buffer.concat([writer.finish(), more.finish()]);
}

function requestV1(...series: Buffer[]): Buffer {
  const writer = new ProtobufWriter();
  for (const one of series) writer.bytes(1, one);
  return writer.finish();
}

function metadataV1(type: number, family: string, help: string, unit: string): Buffer {
  const metadata = new ProtobufWriter().varint(1, type).string(2, family).string(4, help).string(5, unit).finish();
  return new ProtobufWriter().bytes(3, metadata).finish();
}

function packed(values: readonly number[]): Buffer {
  const writer = new ProtobufWriter();
  for (const value of values) writer.varint(1, value);
  return Buffer.from(writer.finish().filter((_, index) => index % 2 === 1));
}

/** Count 6, sum 20, buckets (0.5,1]: 2, (1,2]: 1, (4,8]: 3. */
function histogram(count = 6): Buffer {
  const span = (offset: number, length: number) =>
    new ProtobufWriter()
      .varint(1, offset * 2)
      .varint(2, length)
      .finish();
  return new ProtobufWriter()
    .varint(1, count)
    .double(3, 20)
    .bytes(11, span(0, 2))
    .bytes(11, span(1, 1))
    .bytes(12, packed([4, 1, 4]))
    .varint(15, INGEST_NOW)
    .finish();
}

let server: IngestServer;
beforeEach(async () => {
  server = await createIngestServer();
});
afterEach(() => server.app.close());

function send(payload: Buffer, headers: Readonly<Record<string, string>> = {}) {
  return server.app.inject({
    method: 'POST',
    url: '/api/v1/write',
    headers: { 'content-type': V1, 'content-encoding': 'snappy', ...headers },
    payload: headers['content-encoding'] ? payload : snappyBlock(payload),
  });
}

const written = (answer: { headers: Record<string, unknown> }) =>
  ['samples', 'histograms', 'exemplars'].map((kind) => answer.headers[`x-prometheus-remote-write-${kind}-written`]);

describe('remote write 1.0', () => {
  it('stores samples, stale markers bit for bit', async () => {
    const answer = await send(
      requestV1(
        seriesV1({ __name__: 'up', job: 'a' }, [[1, INGEST_NOW]]),
        seriesV1({ __name__: 'up', job: 'b', none: '' }, [
          [0.5, INGEST_NOW - 1000],
          [STALE_MARKER_BITS, INGEST_NOW],
        ]),
      ),
    );
    expect([answer.statusCode, answer.body, written(answer)]).toEqual([204, '', ['3', '0', '0']]);
    const [first, second] = server.stored.samples;
    expect(first).toMatchObject({ name: 'up', labels: { job: 'a' }, timestamps: [INGEST_NOW], values: [1] });
    expect(second!.labels).toEqual({ job: 'b' });
    const values = second!.values as Float64Array;
    expect(new BigUint64Array(values.buffer, values.byteOffset)[1]).toBe(STALE_MARKER_BITS);
  });

  it('describes series by the metadata that came before or comes later', async () => {
    const series = requestV1(seriesV1({ __name__: 'http_seconds_bucket', le: '1' }, [[1, INGEST_NOW]]));
    await send(series);
    await send(metadataV1(3, 'http_seconds', 'Time.', 'seconds'));
    await send(series);
    expect(server.stored.samples).toMatchObject([
      { type: 'unknown', help: '' },
      { type: 'histogram', help: 'Time.', unit: 'seconds' },
    ]);
  });

  it('reads labels that stand behind the samples', async () => {
    const behind = Buffer.concat([seriesV1({}, [[1, INGEST_NOW]]), seriesV1({ __name__: 'late', a: 'b' }, [])]);
    await send(requestV1(behind));
    expect(seriesText(server.stored.samples)).toEqual({ 'late{a="b"}': [1] });
  });

  it('writes the good and names the bad', async () => {
    const twice = Buffer.concat([seriesV1({ __name__: 'x', a: '1' }, []), seriesV1({ a: '2' }, [[1, INGEST_NOW]])]);
    const text = new ProtobufWriter().string(1, 'v').bytes(2, Buffer.from('caf\xe9', 'latin1')).finish();
    const latin1 = Buffer.concat([
      seriesV1({ __name__: 'x' }, []),
      new ProtobufWriter().bytes(1, text).finish(),
      seriesV1({}, [[1, INGEST_NOW]]),
    ]);
    const answer = await send(
      requestV1(
        twice,
        seriesV1({ job: 'nameless' }, [[1, INGEST_NOW]]),
        seriesV1({ '': 'x', __name__: 'y' }, [[1, INGEST_NOW]]),
        seriesV1({ __name__: 'past' }, [[1, -5]]),
        latin1,
        seriesV1({ __name__: 'good', B: 'unsorted', A: '\uFFFD' }, [[1, INGEST_NOW]]),
      ),
    );
    expect([answer.statusCode, written(answer)]).toEqual([400, ['1', '0', '0']]);
    expect(answer.body).toContain('4 refused: a label has no name, is there twice or is not UTF-8');
    expect(answer.body).toContain('1 refused: the time lies outside');
    expect(seriesText(server.stored.samples)).toEqual({ 'good{A="\uFFFD",B="unsorted"}': [1] });
    const stats = server.pipeline
      .stats()
      .find(({ source, signal }) => source === 'remote-write' && signal === 'samples');
    expect(stats).toMatchObject({ accepted: 1, rejected: { invalid_labels: 4, time_out_of_range: 1 } });
  });

  it('stores native histograms and exemplars as such', async () => {
    const exemplar = (name: string, value: number) =>
      new ProtobufWriter().bytes(1, label('trace_id', name)).double(2, value).varint(3, INGEST_NOW).finish();
    const more = new ProtobufWriter()
      .bytes(4, histogram())
      .bytes(3, exemplar('ab', 0.5))
      .bytes(3, exemplar('x'.repeat(2000), 1));
    const answer = await send(requestV1(seriesV1({ __name__: 'h', a: 'b' }, [[7, INGEST_NOW - 1]], more)));
    expect([answer.statusCode, answer.body, written(answer)]).toEqual([
      400,
      expect.stringContaining('1 refused: the labels of an exemplar are too long'),
      ['1', '1', '1'],
    ]);
    const common = { name: 'h', labels: { a: 'b' } };
    expect(server.stored.samples).toEqual([
      expect.objectContaining({ ...common, values: [7] }),
      expect.objectContaining({
        ...common,
        type: 'histogram',
        histograms: [
          {
            timestamp: INGEST_NOW,
            startTimestamp: 0,
            histogram: {
              schema: 0,
              count: 6,
              sum: 20,
              zeroThreshold: 0,
              zeroCount: 0,
              positive: { indexes: [0, 1, 3], counts: [2, 1, 3] },
              negative: { indexes: [], counts: [] },
              customValues: [],
              hint: 'unknown',
            },
          },
        ],
      }),
      expect.objectContaining({
        ...common,
        exemplars: [{ labels: { trace_id: 'ab' }, value: 0.5, timestamp: INGEST_NOW }],
      }),
    ]);
  });

  const side = (spans: [number, number][], counts: number[]) => ({ spans, counts });
  const float = (more: ProtobufWriter, count: number, { spans, counts }: ReturnType<typeof side>) => {
    const writer = new ProtobufWriter().double(2, count).double(3, 1);
    for (const [offset, length] of spans) {
      writer.bytes(
        11,
        new ProtobufWriter()
          .varint(1, offset < 0 ? -2 * offset - 1 : 2 * offset)
          .varint(2, length)
          .finish(),
      );
    }
    for (const one of counts) writer.double(13, one);
    return Buffer.concat([writer.varint(15, INGEST_NOW).finish(), more.finish()]);
  };
  const schema = (value: number) => new ProtobufWriter().varint(4, value < 0 ? -2 * value - 1 : 2 * value);

  it.each<[string, Buffer, object]>([
    ['of floats, a gauge', float(schema(-4).varint(14, 3), 2.5, side([[2, 1]], [2.5])), { schema: -4, hint: 'gauge' }],
    [
      'with buckets of their own',
      float(schema(-53).double(16, 0.1).double(16, 2), 3, side([[0, 3]], [1, 0, 2])),
      { schema: -53, customValues: [0.1, 2], positive: { indexes: [0, 1, 2], counts: [1, 0, 2] } },
    ],
    [
      'finer than any that is known, coarser',
      float(schema(10), 3, side([[1, 5]], [1, 1, 1, 0, 0])),
      { schema: 8, positive: { indexes: [1, 2], counts: [3, 0] } },
    ],
    [
      'that know their reset',
      float(new ProtobufWriter().varint(14, 1).varint(17, 5), 1, side([[0, 1]], [1])),
      { hint: 'reset' },
    ],
  ])('stores histograms %s', async (_, bytes, expected) => {
    const answer = await send(requestV1(seriesV1({ __name__: 'h' }, [], new ProtobufWriter().bytes(4, bytes))));
    expect([answer.statusCode, answer.body, written(answer)]).toEqual([204, '', ['0', '1', '0']]);
    expect(server.stored.samples[0]!.histograms![0]!.histogram).toMatchObject(expected);
  });

  it.each<[string, Buffer]>([
    ['more in buckets than in all', histogram(1)],
    ['less in buckets than in all', histogram(7)],
    ['more counts than spans', float(new ProtobufWriter(), 2, side([[0, 1]], [1, 1]))],
    [
      'spans that overlap',
      float(
        new ProtobufWriter(),
        2,
        side(
          [
            [5, 1],
            [-2, 1],
          ],
          [1, 1],
        ),
      ),
    ],
    ['negative counts', float(new ProtobufWriter(), 0, side([[0, 2]], [1, -1]))],
    ['an unknown schema', float(schema(-6), 1, side([[0, 1]], [1]))],
    ['bounds that fall', float(schema(-53).double(16, 2).double(16, 1), 1, side([[0, 1]], [1]))],
    ['buckets beyond the bounds', float(schema(-53).double(16, 2), 1, side([[2, 1]], [1]))],
    ['a zero bucket among its own', float(schema(-53).double(16, 2).double(7, 1), 2, side([[0, 1]], [1]))],
  ])('refuses histograms with %s', async (_, bytes) => {
    const answer = await send(requestV1(seriesV1({ __name__: 'h' }, [], new ProtobufWriter().bytes(4, bytes))));
    expect([answer.statusCode, written(answer)]).toEqual([400, ['0', '0', '0']]);
    expect(answer.body).toContain('1 refused: the histogram counts and bounds');
  });

  it('counts what is too old by its kind', async () => {
    const old = new ProtobufWriter().double(2, 1).varint(3, -5).finish();
    const answer = await send(
      requestV1(seriesV1({ __name__: 'x' }, [[1, INGEST_NOW]], new ProtobufWriter().bytes(3, old).bytes(3, old))),
    );
    expect([answer.statusCode, written(answer)]).toEqual([400, ['1', '0', '0']]);
    expect(answer.body).toContain('2 refused: the time lies outside');
  });

  it('ends the series of a native histogram that ended', async () => {
    const stale = new ProtobufWriter().fixed64(3, STALE_MARKER_BITS).varint(15, INGEST_NOW).finish();
    await send(requestV1(seriesV1({ __name__: 'h' }, [], new ProtobufWriter().bytes(4, stale))));
    expect(server.stored.samples).toMatchObject([
      { name: 'h', histograms: [{ timestamp: INGEST_NOW, histogram: undefined }] },
    ]);
  });

  it('takes other compressions and none named', async () => {
    const body = requestV1(seriesV1({ __name__: 'x' }, [[1, INGEST_NOW]]));
    expect((await send(gzipSync(body), { 'content-encoding': 'gzip' })).statusCode).toBe(204);
    const plain = await server.app.inject({ method: 'POST', url: '/api/v1/write', payload: snappyBlock(body) });
    expect(plain.statusCode).toBe(204);
    expect(server.stored.samples).toHaveLength(2);
  });
});

describe('remote write 2.0', () => {
  const symbols = ['', '__name__', 'jobs_total', 'job', 'shop', 'Jobs done.', 'jobs'];

  function requestV2(series: Buffer, texts: readonly string[] = symbols): Buffer {
    const writer = new ProtobufWriter();
    for (const text of texts) writer.string(4, text);
    return writer.bytes(5, series).finish();
  }

  const labels = packed([1, 2, 3, 4]);
  const metadata = new ProtobufWriter().varint(1, 1).varint(3, 5).varint(4, 6).finish();

  it('stores samples with their metadata', async () => {
    const point = Buffer.concat([
      sample([7, INGEST_NOW]),
      new ProtobufWriter().varint(3, INGEST_NOW - 60_000).finish(),
    ]);
    const exemplar = new ProtobufWriter()
      .bytes(1, packed([3, 4]))
      .double(2, 0.5)
      .varint(3, INGEST_NOW)
      .finish();
    const series = new ProtobufWriter()
      .bytes(1, labels)
      .bytes(2, sample([6, INGEST_NOW - 1]))
      .bytes(2, point);
    series.bytes(5, metadata).bytes(3, histogram()).bytes(4, exemplar);
    const answer = await send(requestV2(series.finish()), { 'content-type': V2 });
    expect([answer.statusCode, written(answer)]).toEqual([204, ['2', '1', '1']]);
    expect(server.stored.samples[0]).toMatchObject({
      name: 'jobs_total',
      labels: { job: 'shop' },
      type: 'counter',
      help: 'Jobs done.',
      unit: 'jobs',
      values: Float64Array.of(6, 7),
      startTimestamps: Float64Array.of(0, INGEST_NOW - 60_000),
    });
    expect(server.stored.samples.slice(1)).toMatchObject([
      { type: 'counter', histograms: [{ histogram: { count: 6 } }] },
      { exemplars: [{ labels: { job: 'shop' }, value: 0.5, timestamp: INGEST_NOW }] },
    ]);
  });

  it.each([
    ['a symbol that is not there', requestV2(new ProtobufWriter().bytes(1, packed([1, 9])).finish())],
    ['a label without value', requestV2(new ProtobufWriter().bytes(1, packed([1])).finish())],
    ['a first symbol with text', requestV2(Buffer.alloc(0), ['x'])],
  ])('refuses %s', async (_, payload) => {
    const answer = await send(payload, { 'content-type': V2 });
    expect([answer.statusCode, written(answer)]).toEqual([400, ['0', '0', '0']]);
    expect(server.stored.samples).toEqual([]);
  });
});

describe('answers', () => {
  const good = requestV1(seriesV1({ __name__: 'x' }, [[1, INGEST_NOW]]));

  it.each([
    ['another message', { 'content-type': 'application/x-protobuf;proto=other.Message' }, 415],
    ['another type', { 'content-type': 'application/json' }, 415],
    ['another encoding', { 'content-encoding': 'lz4' }, 415],
    ['no snappy block', { 'content-encoding': 'snappy' }, 400],
  ])('%s', async (_, headers, status) => {
    const answer = await send(good, headers);
    expect(answer.statusCode).toBe(status);
  });

  it('asks for the request again when the store cannot take it', async () => {
    server.failure = new ServiceError('disk_full', 'no space left');
    const full = await send(good);
    expect([full.statusCode, full.headers['retry-after'], full.body]).toEqual([503, '5', 'no space left\n']);
    server.failure = new Error('engine gone');
    expect((await send(good)).statusCode).toBe(503);
    server.failure = new ServiceError('invalid', 'too many days');
    expect((await send(good)).statusCode).toBe(400);
  });

  it('never fails, and never stores a part of what it cannot read', async () => {
    const whole = requestV1(
      seriesV1({ __name__: 'up', job: 'a' }, [[1, INGEST_NOW]], new ProtobufWriter().bytes(4, histogram())),
      seriesV1({ __name__: 'up', job: 'b' }, [[2, INGEST_NOW]]),
    );
    const change = fc.record({ at: fc.nat(whole.length - 1), to: fc.nat(255), cut: fc.nat(whole.length) });
    const mutated = change.map(({ at, to, cut }) => {
      const copy = Buffer.from(whole);
      copy[at] = to;
      return copy.subarray(0, cut < 20 ? whole.length : cut);
    });
    const anything = fc.uint8Array({ maxLength: 100 }).map((bytes) => Buffer.from(bytes));
    await fc.assert(
      fc.asyncProperty(fc.oneof(mutated, anything), fc.constantFrom(V1, V2), async (payload, type) => {
        server.stored.samples.length = 0;
        const answer = await send(payload, { 'content-type': type });
        expect([204, 400]).toContain(answer.statusCode);
        if (answer.statusCode === 400 && answer.body.includes('broken')) expect(server.stored.samples).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
