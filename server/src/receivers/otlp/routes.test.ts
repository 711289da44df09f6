import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIngestServer, INGEST_NOW, type IngestServer } from '../../../../tests/support/ingest-server.ts';
import { ProtobufReader } from '../../lib/protobuf-reader.ts';
import { ProtobufWriter } from '../../lib/protobuf-writer.ts';
import { ServiceError } from '../../model/errors.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const START = 1_700_000_000_000_000_000n;
const PROTOBUF = 'application/x-protobuf';
const JSON_TYPE = 'application/json';

let server: IngestServer;
beforeEach(async () => {
  server = await createIngestServer();
});
afterEach(() => server.app.close());

async function post(path: string, type: string, payload: string | Buffer, headers: Record<string, string> = {}) {
  return server.app.inject({ method: 'POST', url: path, headers: { 'content-type': type, ...headers }, payload });
}

function message(build: (writer: ProtobufWriter) => ProtobufWriter): Buffer {
  return build(new ProtobufWriter()).finish();
}

function text(key: string, value: string): Buffer {
  return message((w) =>
    w.string(1, key).bytes(
      2,
      message((v) => v.string(1, value)),
    ),
  );
}

function span(ids: { traceId?: string; spanId?: string; parentSpanId?: string } = {}): Buffer {
  const { traceId = TRACE_ID, spanId = SPAN_ID, parentSpanId = '' } = ids;
  return message((w) =>
    w
      .bytes(1, Buffer.from(traceId, 'hex'))
      .bytes(2, Buffer.from(spanId, 'hex'))
      .bytes(4, Buffer.from(parentSpanId, 'hex'))
      .string(5, 'GET /cart')
      .varint(6, 2)
      .fixed64(7, START)
      .fixed64(8, START + 5_000_000n)
      .bytes(9, text('http.route', '/cart')),
  );
}

function traces(...spans: Buffer[]): Buffer {
  const scopeSpans = new ProtobufWriter();
  for (const bytes of spans) scopeSpans.bytes(2, bytes);
  // The scope and the resource stand last: fields of a message may come in any order.
  scopeSpans.bytes(
    1,
    message((w) => w.string(1, 'lib').string(2, '1.0')),
  );
  const resource = message((w) => w.bytes(1, text('service.name', 'shop')));
  return message((w) =>
    w.bytes(
      1,
      message((r) => r.bytes(2, scopeSpans.finish()).bytes(1, resource)),
    ),
  );
}

describe('traces', () => {
  it('stores spans from protobuf, gzipped or not, whatever the order of fields', async () => {
    const plain = await post('/v1/traces', PROTOBUF, traces(span()));
    expect(plain.statusCode).toBe(200);
    expect(plain.headers['content-type']).toBe(PROTOBUF);
    expect(plain.rawPayload).toHaveLength(0);
    const zipped = await post('/v1/traces', PROTOBUF, gzipSync(traces(span())), { 'content-encoding': 'gzip' });
    expect(zipped.statusCode).toBe(200);
    expect(server.stored.spans).toHaveLength(2);
    expect(server.stored.spans[1]).toEqual({
      traceId: TRACE_ID,
      spanId: SPAN_ID,
      parentSpanId: '',
      traceState: '',
      name: 'GET /cart',
      kind: 'Server',
      startTimeUnixNano: START,
      durationNano: 5_000_000n,
      status: 'Unset',
      statusMessage: '',
      service: 'shop',
      resourceAttributes: { 'service.name': 'shop' },
      scopeName: 'lib',
      scopeVersion: '1.0',
      scopeAttributes: {},
      resourceSchemaUrl: '',
      scopeSchemaUrl: '',
      flags: 0,
      attributes: { 'http.route': '/cart' },
      events: [],
      links: [],
    });
  });

  it('answers a partial success in protobuf', async () => {
    const zero = span({ traceId: '0'.repeat(32) });
    const short = span({ spanId: 'abcd' });
    const answer = await post('/v1/traces', PROTOBUF, traces(span(), zero, short, span({ parentSpanId: 'ab' })));
    expect(answer.statusCode).toBe(200);
    const reader = new ProtobufReader(answer.rawPayload);
    expect(reader.next() && reader.field).toBe(1);
    reader.enter();
    expect(reader.next() && reader.int64Text()).toBe('3');
    expect(reader.next() && reader.field).toBe(2);
    const sentence = reader.string();
    expect(sentence).toContain('1 refused: the trace id must be 16 bytes');
    expect(sentence).toContain('1 refused: the parent span id');
    expect(server.stored.spans).toHaveLength(1);
  });

  it('reads JSON: hex ids, both spellings, numbers and names, null, unknown fields, every kind of value', async () => {
    const values = {
      text: { stringValue: 'a' },
      flag: { boolValue: false },
      integer: { intValue: '9007199254740993' },
      number: { intValue: -7 },
      double: { doubleValue: 0.5 },
      nan: { doubleValue: 'NaN' },
      bytes: { bytesValue: 'aGk' },
      list: { arrayValue: { values: [{ stringValue: 'x' }, { intValue: 1 }, {}] } },
      map: { kvlistValue: { values: [{ key: 'k', value: { doubleValue: 1.5 } }] } },
      empty: {},
      nothing: null,
      __proto__x: { string_value: 'snake' },
    };
    const body = {
      resource_spans: [
        {
          schemaUrl: 'x',
          scopeSpans: [
            {
              spans: [
                {
                  trace_id: TRACE_ID.toUpperCase(),
                  spanId: SPAN_ID,
                  parentSpanId: null,
                  name: 'job',
                  kind: 'SPAN_KIND_CONSUMER',
                  startTimeUnixNano: String(START),
                  end_time_unix_nano: 1700000000000000000,
                  attributes: Object.entries(values).map(([key, value]) => ({ key, value })),
                  status: { code: 2, message: 'boom' },
                  events: [{ name: 'e', timeUnixNano: '0' }],
                  links: [{ traceId: TRACE_ID, spanId: SPAN_ID }, { traceId: 'zz' }],
                  fromTheFuture: { a: 1 },
                },
              ],
            },
          ],
        },
      ],
    };
    const answer = await post('/v1/traces', JSON_TYPE, JSON.stringify(body));
    expect([answer.statusCode, answer.body]).toEqual([200, '{}']);
    expect(server.stored.spans[0]).toMatchObject({
      traceId: TRACE_ID,
      kind: 'Consumer',
      durationNano: 0n,
      status: 'Error',
      statusMessage: 'boom',
      service: 'unknown_service',
      attributes: {
        text: 'a',
        flag: 'false',
        integer: '9007199254740993',
        number: '-7',
        double: '0.5',
        nan: 'NaN',
        bytes: 'aGk=',
        list: '["x",1,null]',
        map: '{"k":1.5}',
        empty: '',
        nothing: '',
        __proto__x: 'snake',
      },
      events: [{ name: 'e', timeUnixNano: START, attributes: {} }],
      links: [{ traceId: TRACE_ID, spanId: SPAN_ID, traceState: '', attributes: {} }],
    });
  });

  it.each<[unknown, string | undefined]>([
    ['-9223372036854775808', '-9223372036854775808'],
    ['1e3', '1000'],
    ['-1.50E2', '-150'],
    ['007.0', '7'],
    ['1200e-2', '12'],
    [5e2, '500'],
    ['1.5', undefined],
    ['15e-1', undefined],
    ['1e30', undefined],
    ['', undefined],
    ['0x5', undefined],
    [' 5', undefined],
    [0.5, undefined],
    [true, undefined],
  ])('reads %j as a whole number as JSON of proto3 writes it: %s', async (intValue, text) => {
    const records = [{ timeUnixNano: String(START), body: { intValue } }];
    const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] });
    const answer = await post('/v1/logs', JSON_TYPE, body);
    expect(answer.statusCode).toBe(text === undefined ? 400 : 200);
    expect(server.stored.logs.map((record) => record.body)).toEqual(text === undefined ? [] : [text]);
  });

  it('answers a partial success in JSON, the count as text', async () => {
    const body = { resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'nonsense', spanId: SPAN_ID }] }] }] };
    const answer = await post('/v1/traces', JSON_TYPE, JSON.stringify(body));
    expect(answer.json()).toEqual({
      partialSuccess: {
        rejectedSpans: '1',
        errorMessage: '1 refused: the trace id must be 16 bytes, not all zero',
      },
    });
  });
});

describe('logs', () => {
  it('takes bodies of any kind, and the time of observation or arrival', async () => {
    const records = [
      {
        timeUnixNano: String(START),
        body: { stringValue: 'plain' },
        severityNumber: 'SEVERITY_NUMBER_WARN2',
        eventName: 'e',
      },
      {
        observedTimeUnixNano: String(START + 1n),
        body: { kvlistValue: { values: [{ key: 'a', value: { intValue: 1 } }] } },
      },
      { body: { intValue: 42 }, severityText: 'Error', traceId: TRACE_ID, spanId: SPAN_ID },
      { traceId: '0'.repeat(32), spanId: 'x' },
    ];
    const answer = await post(
      '/v1/logs',
      JSON_TYPE,
      JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: records }] }] }),
    );
    expect(answer.body).toBe('{}');
    const now = BigInt(INGEST_NOW) * 1_000_000n;
    expect(server.stored.logs).toMatchObject([
      { timeUnixNano: START, body: 'plain', severityNumber: 14, attributes: { 'event.name': 'e' } },
      { timeUnixNano: START + 1n, body: '{"a":1}', severityNumber: 0 },
      { timeUnixNano: now, body: '42', severityNumber: 17, severityText: 'Error', traceId: TRACE_ID, spanId: SPAN_ID },
      { timeUnixNano: now, body: '', traceId: '', spanId: '' },
    ]);
  });
});

describe('metrics', () => {
  it('counts refused data points, not the series that they would have been', async () => {
    const long = [{ key: 'k', value: { stringValue: 'x'.repeat(5000) } }];
    const point = { timeUnixNano: String(START), count: '1', bucketCounts: ['1', '0', '0'], explicitBounds: [1, 2] };
    const histogram = {
      aggregationTemporality: 2,
      dataPoints: [point, { ...point, attributes: long }, { ...point, attributes: long }, { count: '1' }],
    };
    const metrics = [{ name: 'h', histogram }];
    const body = { resourceMetrics: [{ scopeMetrics: [{ metrics }] }] };
    const answer = await post('/v1/metrics', JSON_TYPE, JSON.stringify(body));
    expect(answer.json().partialSuccess).toEqual({
      rejectedDataPoints: '3',
      errorMessage: '1 refused: the time is missing; 2 refused: a label name or value is too long',
    });
    expect(server.stored.samples.map(({ name }) => name)).toEqual(['h_bucket', 'h_bucket', 'h_bucket', 'h_count']);
  });
});

describe('requests that cannot be taken', () => {
  it.each([
    ['/v1/traces', PROTOBUF],
    ['/v1/metrics', JSON_TYPE],
    ['/v1/logs', PROTOBUF],
  ])('%s answers 200 to an empty request (%s)', async (path, type) => {
    expect((await post(path, type, '')).statusCode).toBe(200);
  });

  it('answers broken bodies with 400 in their encoding, and stores nothing of them', async () => {
    const whole = traces(span(), span());
    const protobuf = await post('/v1/traces', PROTOBUF, whole.subarray(0, whole.length - 3));
    expect(protobuf.statusCode).toBe(400);
    expect(protobuf.headers['content-type']).toBe(PROTOBUF);
    const reader = new ProtobufReader(protobuf.rawPayload);
    expect(reader.next() && reader.int32()).toBe(3);
    expect(reader.next() && reader.string()).toContain('the protobuf message is broken');
    const json = await post('/v1/traces', JSON_TYPE, '{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":1}]}]}]}');
    expect(json.statusCode).toBe(400);
    expect(json.json()).toEqual({
      code: 3,
      message: 'resourceSpans[0].scopeSpans[0].spans[0].name: expected a string',
    });
    const gzip = await post('/v1/traces', PROTOBUF, gzipSync(whole).subarray(0, 40), { 'content-encoding': 'gzip' });
    expect(gzip.statusCode).toBe(400);
    expect(server.stored.spans).toEqual([]);
  });

  it('refuses other content types, unknown compressions and bodies that are too large', async () => {
    expect((await post('/v1/traces', 'text/plain', 'x')).statusCode).toBe(415);
    expect((await post('/v1/traces', PROTOBUF, 'x', { 'content-encoding': 'br' })).statusCode).toBe(415);
    const bomb = gzipSync(Buffer.alloc(21 * 1024 * 1024));
    const answer = await post('/v1/logs', JSON_TYPE, bomb, { 'content-encoding': 'gzip' });
    expect(answer.statusCode).toBe(413);
    expect(answer.json().code).toBe(8);
    // Two bytes of each make one record: the number of items is bounded besides the bytes.
    const records = Buffer.alloc(1_200_000, Buffer.from([0x12, 0]));
    const logs = message((w) =>
      w.bytes(
        1,
        message((r) => r.bytes(2, records)),
      ),
    );
    expect((await post('/v1/logs', PROTOBUF, logs)).statusCode).toBe(413);
    expect(server.stored.logs).toEqual([]);
  }, 30_000);

  it('asks for credentials in the encoding of the request', async () => {
    const closed = await createIngestServer({}, { open: false, authenticate: async () => undefined });
    const headers = { 'content-type': PROTOBUF };
    const answer = await closed.app.inject({ method: 'POST', url: '/v1/traces', headers, payload: traces(span()) });
    expect([answer.statusCode, answer.headers['content-type']]).toEqual([401, PROTOBUF]);
    const reader = new ProtobufReader(answer.rawPayload);
    expect(reader.next() && reader.int32()).toBe(16);
    expect(closed.stored.spans).toEqual([]);
    await closed.app.close();
  });

  it.each([
    [new ServiceError('overloaded', 'busy', { retryAfterSeconds: 7 }), 503, '7', 14],
    [new ServiceError('rate_limited', 'slow down'), 429, '5', 8],
    [new ServiceError('disk_full', 'no space'), 503, '5', 14],
    [new Error('engine gone'), 503, '5', 14],
  ])('tells the sender to come again: %s', async (failure, status, retryAfter, code) => {
    server.failure = failure;
    const body = JSON.stringify({ resourceLogs: [{ scopeLogs: [{ logRecords: [{}] }] }] });
    const answer = await post('/v1/logs', JSON_TYPE, body);
    expect([answer.statusCode, answer.headers['retry-after'], answer.json().code]).toEqual([status, retryAfter, code]);
  });
});
