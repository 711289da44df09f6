import { zstdCompressSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIngestServer, type IngestServer } from '../../../../tests/support/ingest-server.ts';
import { ProtobufWriter } from '../../lib/protobuf-writer.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const SPAN_ID = 'b7ad6b7169203331';
const OTHER_ID = '00f067aa0ba902b7';
const TIME = 1_700_000_000_000_000_000n;
const [RESOURCE_SCHEMA, SCOPE_SCHEMA] = ['https://example.org/schemas/1.0', 'https://example.org/schemas/1.1'];

let server: IngestServer;
beforeEach(async () => {
  server = await createIngestServer();
});
afterEach(() => server.app.close());

type Build = (writer: ProtobufWriter) => ProtobufWriter;
const message = (build: Build): Buffer => build(new ProtobufWriter()).finish();
const pair = (key: string, ...values: Build[]): Buffer =>
  message((w) => values.reduce((writer, value) => writer.bytes(2, message(value)), w.string(1, key)));
const text = (value: string) => (w: ProtobufWriter) => w.string(1, value);
const integer = (value: number) => (w: ProtobufWriter) => w.varint(3, value);
const hex = (id: string) => Buffer.from(id, 'hex');

/** A request of one item in one scope of one resource, both with schema URLs. */
function request(item: Buffer): Buffer {
  const scope = message((w) =>
    w
      .string(1, 'lib')
      .string(2, '1.2')
      .bytes(3, pair('team', text('checkout')))
      .varint(4, 12),
  );
  const group = message((w) => w.string(3, SCOPE_SCHEMA).bytes(2, item).bytes(1, scope));
  const resource = message((w) => w.bytes(1, pair('service.name', text('shop'))).varint(2, 11));
  const outer = message((w) => w.bytes(2, group).bytes(1, resource).string(3, RESOURCE_SCHEMA));
  return message((w) => w.bytes(1, outer));
}

function jsonRequest(groups: string, scopes: string, items: string, item: object): string {
  const attributes = (key: string, stringValue: string) => [{ key, value: { stringValue } }];
  const scope = { name: 'lib', version: '1.2', attributes: attributes('team', 'checkout'), droppedAttributesCount: 12 };
  const group = { scope, schemaUrl: SCOPE_SCHEMA, [items]: [item] };
  const resource = { attributes: attributes('service.name', 'shop'), droppedAttributesCount: 11 };
  return JSON.stringify({ [groups]: [{ resource, schemaUrl: RESOURCE_SCHEMA, [scopes]: [group] }] });
}

async function post(path: string, payload: Buffer | string, headers: Record<string, string> = {}) {
  const type = typeof payload === 'string' ? 'application/json' : 'application/x-protobuf';
  const answer = await server.app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': type, ...headers },
    payload,
  });
  expect([answer.statusCode, answer.body]).toEqual([200, type === 'application/json' ? '{}' : '']);
}

const ORIGIN = {
  service: 'shop',
  resourceAttributes: { 'service.name': 'shop', 'otel.dropped_attributes_count': '11' },
  resourceSchemaUrl: RESOURCE_SCHEMA,
  scopeName: 'lib',
  scopeVersion: '1.2',
  scopeAttributes: { team: 'checkout', 'otel.dropped_attributes_count': '12' },
  scopeSchemaUrl: SCOPE_SCHEMA,
};

describe('a span', () => {
  const event = message((w) =>
    w
      .fixed64(1, TIME + 1n)
      .string(2, 'retry')
      .bytes(3, pair('attempt', integer(2)))
      .varint(4, 7),
  );
  const link = message((w) =>
    w
      .bytes(1, hex(TRACE_ID))
      .bytes(2, hex(OTHER_ID))
      .string(3, 'x=y')
      .bytes(4, pair('why', text('batch')))
      .varint(5, 8),
  );
  const protobuf = message((w) =>
    w
      .bytes(1, hex(TRACE_ID))
      .bytes(2, hex(SPAN_ID))
      .string(3, 'a=b')
      .bytes(4, hex(OTHER_ID))
      .string(5, 'GET /')
      .varint(6, 3)
      .fixed64(7, TIME)
      .fixed64(8, TIME + 9n)
      // Attributes, events and links may come in any order.
      .bytes(9, pair('first', text('1')))
      .bytes(11, event)
      .bytes(9, pair('second', text('2')))
      .bytes(13, link)
      .bytes(9, pair('first', text('3')))
      .varint(10, 4)
      .varint(12, 5)
      .varint(14, 6)
      .bytes(
        15,
        message((s) => s.string(2, 'ended').varint(3, 1)),
      )
      .fixed32(16, 0x301),
  );
  const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });
  const json = {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    traceState: 'a=b',
    parentSpanId: OTHER_ID,
    name: 'GET /',
    kind: 3,
    startTimeUnixNano: String(TIME),
    endTimeUnixNano: String(TIME + 9n),
    attributes: [attribute('first', '1'), attribute('second', '2'), attribute('first', '3')],
    droppedAttributesCount: 4,
    events: [
      {
        timeUnixNano: String(TIME + 1n),
        name: 'retry',
        attributes: [{ key: 'attempt', value: { intValue: '2' } }],
        droppedAttributesCount: 7,
      },
    ],
    droppedEventsCount: 5,
    links: [
      {
        traceId: TRACE_ID,
        spanId: OTHER_ID,
        traceState: 'x=y',
        attributes: [attribute('why', 'batch')],
        droppedAttributesCount: 8,
      },
    ],
    droppedLinksCount: 6,
    status: { code: 1, message: 'ended' },
    flags: 0x301,
  };

  it.each([
    ['protobuf', request(protobuf)],
    ['JSON', jsonRequest('resourceSpans', 'scopeSpans', 'spans', json)],
  ])('keeps every field of %s', async (_, payload) => {
    await post('/v1/traces', payload);
    expect(server.stored.spans).toEqual([
      {
        ...ORIGIN,
        traceId: TRACE_ID,
        spanId: SPAN_ID,
        parentSpanId: OTHER_ID,
        traceState: 'a=b',
        flags: 0x301,
        name: 'GET /',
        kind: 'Client',
        startTimeUnixNano: TIME,
        durationNano: 9n,
        status: 'Ok',
        statusMessage: 'ended',
        attributes: {
          first: '3',
          second: '2',
          'otel.dropped_attributes_count': '4',
          'otel.dropped_events_count': '5',
          'otel.dropped_links_count': '6',
        },
        events: [
          {
            timeUnixNano: TIME + 1n,
            name: 'retry',
            attributes: { attempt: '2', 'otel.dropped_attributes_count': '7' },
          },
        ],
        links: [
          {
            traceId: TRACE_ID,
            spanId: OTHER_ID,
            traceState: 'x=y',
            attributes: { why: 'batch', 'otel.dropped_attributes_count': '8' },
          },
        ],
      },
    ]);
  });

  it('has every kind of value', async () => {
    const list = message((w) =>
      w
        .bytes(1, message(text('a"')))
        .bytes(1, message(integer(-1)))
        .bytes(
          1,
          message((v) => v),
        ),
    );
    const map = message((w) =>
      w
        .bytes(
          1,
          pair('k', (v) => v.double(4, 1.5)),
        )
        .bytes(1, pair('none')),
    );
    const values = [
      pair('text', text('žluť 😀')),
      pair('long', text('x'.repeat(300))),
      pair('empty text', text('')),
      pair('true', (v) => v.varint(2, 1)),
      pair('integer', integer(-7)),
      pair('double', (v) => v.double(4, 0.25)),
      pair('infinite', (v) => v.double(4, Number.NEGATIVE_INFINITY)),
      pair('list', (v) => v.bytes(5, list)),
      pair('map', (v) => v.bytes(6, map)),
      pair('bytes', (v) => v.bytes(7, Buffer.from('hi'))),
      pair('broken', (v) => v.bytes(1, Buffer.from([0x61, 0xff, 0x62]))),
      pair('last counts', text('first'), text('second')),
      pair('last kind counts', (v) => v.string(1, 'text').varint(3, 5)),
      pair('none'),
      message((w) => w.bytes(2, message(text('value first'))).string(1, 'key last')),
      message((w) => w.bytes(2, message(text('no key')))),
    ];
    const item = values.reduce(
      (writer, value) => writer.bytes(9, value),
      new ProtobufWriter().bytes(1, hex(TRACE_ID)).bytes(2, hex(SPAN_ID)).fixed64(7, TIME),
    );
    await post('/v1/traces', request(item.finish()));
    expect(server.stored.spans[0]!.attributes).toEqual({
      text: 'žluť 😀',
      long: 'x'.repeat(300),
      'empty text': '',
      true: 'true',
      integer: '-7',
      double: '0.25',
      infinite: '-Infinity',
      list: '["a\\"",-1,null]',
      map: '{"k":1.5,"none":null}',
      bytes: 'aGk=',
      broken: 'a\ufffdb',
      'last counts': 'second',
      'last kind counts': '5',
      none: '',
      'key last': 'value first',
      '': 'no key',
    });
  });
});

describe('a log record', () => {
  const protobuf = message((w) =>
    w
      .fixed64(1, TIME)
      .varint(2, 14)
      .string(3, 'Warn2')
      .bytes(5, message(text('order placed')))
      .bytes(6, pair('order.id', integer(7)))
      .varint(7, 3)
      .fixed32(8, 0x101)
      .bytes(9, hex(TRACE_ID))
      .bytes(10, hex(SPAN_ID))
      .fixed64(11, TIME + 5n)
      .string(12, 'order.placed'),
  );
  const json = {
    timeUnixNano: String(TIME),
    observedTimeUnixNano: String(TIME + 5n),
    severityNumber: 14,
    severityText: 'Warn2',
    body: { stringValue: 'order placed' },
    attributes: [{ key: 'order.id', value: { intValue: 7 } }],
    droppedAttributesCount: 3,
    flags: 0x101,
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    eventName: 'order.placed',
  };
  const stored = {
    ...ORIGIN,
    timeUnixNano: TIME,
    observedTimeUnixNano: TIME + 5n,
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    traceFlags: 1,
    severityNumber: 14,
    severityText: 'Warn2',
    body: 'order placed',
    attributes: { 'order.id': '7', 'otel.dropped_attributes_count': '3', 'event.name': 'order.placed' },
    eventName: 'order.placed',
  };

  it.each([
    ['protobuf', request(protobuf)],
    ['JSON', jsonRequest('resourceLogs', 'scopeLogs', 'logRecords', json)],
  ])('keeps every field of %s', async (_, payload) => {
    await post('/v1/logs', payload);
    expect(server.stored.logs).toEqual([stored]);
  });

  it('may come compressed with zstd', async () => {
    await post('/v1/logs', zstdCompressSync(request(protobuf)), { 'content-encoding': 'zstd' });
    expect(server.stored.logs).toEqual([stored]);
  });

  it('refuses counts and flags that are none', async () => {
    const payload = jsonRequest('resourceLogs', 'scopeLogs', 'logRecords', { flags: -1 });
    const answer = await server.app.inject({
      method: 'POST',
      url: '/v1/logs',
      headers: { 'content-type': 'application/json' },
      payload,
    });
    expect(answer.statusCode).toBe(400);
    expect(answer.json().message).toBe(
      'resourceLogs[0].scopeLogs[0].logRecords[0].flags: expected an integer from 0 to 2^32-1',
    );
  });
});
