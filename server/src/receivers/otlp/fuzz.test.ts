import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ProtobufError, StringCache } from '../../lib/protobuf-reader.ts';
import { ProtobufWriter } from '../../lib/protobuf-writer.ts';
import { ServiceError } from '../../model/errors.ts';
import { collect } from '../../model/flow.ts';
import * as jsonLogs from './json/logs.ts';
import * as jsonMetrics from './json/metrics.ts';
import * as jsonTraces from './json/traces.ts';
import { MetricTranslator } from './metrics/translator.ts';
import * as protobufLogs from './protobuf/logs.ts';
import * as protobufMetrics from './protobuf/metrics.ts';
import * as protobufTraces from './protobuf/traces.ts';

/**
 * Whatever comes in, a decoder gives items or says what is wrong, in time that grows with the input only.
 */
const strings = new StringCache();
const translator = new MetricTranslator({ maxDeltaSeries: 1000, strategy: 'NoTranslation' });

function decodeProtobuf(bytes: Uint8Array): void {
  expectCleanly(() => collect(protobufTraces.decodeTraces(bytes, strings).items));
  expectCleanly(() => collect(protobufLogs.decodeLogs(bytes, strings, 1n).items));
  expectCleanly(() => translator.translate(protobufMetrics.decodeMetrics(bytes, strings)));
}

function decodeJson(value: unknown): void {
  expectCleanly(() => jsonTraces.decodeTraces(value));
  expectCleanly(() => jsonLogs.decodeLogs(value, 1n));
  expectCleanly(() => translator.translate(jsonMetrics.decodeMetrics(value)));
}

function expectCleanly(decode: () => unknown): void {
  try {
    decode();
  } catch (error) {
    if (!(error instanceof ProtobufError) && !(error instanceof ServiceError)) throw error;
  }
}

const message = (build: (writer: ProtobufWriter) => ProtobufWriter) => build(new ProtobufWriter()).finish();
const anyText = message((w) => w.string(1, 'value'));
const nested = message((w) =>
  w.bytes(
    5,
    message((a) =>
      a.bytes(1, anyText).bytes(
        1,
        message((i) => i.varint(3, -5n)),
      ),
    ),
  ),
);
const attribute = message((w) => w.string(1, 'key').bytes(2, nested));
const id = (length: number) => Buffer.alloc(length, 7);
const event = message((w) => w.fixed64(1, 5n).string(2, 'e').bytes(3, attribute));
const span = message((w) =>
  w
    .bytes(1, id(16))
    .bytes(2, id(8))
    .string(5, 'n')
    .varint(6, 2)
    .fixed64(7, 9n)
    .fixed64(8, 10n)
    .bytes(9, attribute)
    .bytes(11, event),
);
const record = message((w) => w.fixed64(1, 5n).varint(2, 9).bytes(5, nested).bytes(6, attribute).bytes(9, id(16)));
const buckets = Buffer.alloc(16);
const histogramPoint = message((w) =>
  w
    .fixed64(3, 10n ** 15n)
    .fixed64(4, 2n)
    .double(5, 1.5)
    .bytes(6, buckets)
    .bytes(7, Buffer.alloc(8))
    .bytes(9, attribute),
);
const exponentialPoint = message((w) =>
  w
    .fixed64(3, 10n ** 15n)
    .fixed64(4, 2n)
    .varint(6, 6)
    .bytes(
      8,
      message((b) => b.varint(1, 3).bytes(2, Buffer.from([1, 2, 3]))),
    ),
);
const numberPoint = message((w) =>
  w
    .fixed64(3, 10n ** 15n)
    .double(4, 1)
    .bytes(7, attribute),
);
const metrics = [
  message((w) =>
    w
      .string(1, 'a.b')
      .string(3, 'By/s')
      .bytes(
        5,
        message((g) => g.bytes(1, numberPoint)),
      ),
  ),
  message((w) =>
    w.string(1, 'c').bytes(
      7,
      message((g) => g.bytes(1, numberPoint).varint(2, 1).varint(3, 1)),
    ),
  ),
  message((w) =>
    w.string(1, 'd').bytes(
      9,
      message((g) => g.bytes(1, histogramPoint).varint(2, 2)),
    ),
  ),
  message((w) =>
    w.string(1, 'e').bytes(
      10,
      message((g) => g.bytes(1, exponentialPoint).varint(2, 1)),
    ),
  ),
];

function request(...items: readonly Buffer[]): Buffer {
  const scope = new ProtobufWriter().bytes(
    1,
    message((s) => s.string(1, 'lib')),
  );
  for (const item of items) scope.bytes(2, item);
  const resource = message((r) => r.bytes(1, attribute));
  return message((w) =>
    w.bytes(
      1,
      message((r) => r.bytes(1, resource).bytes(2, scope.finish())),
    ),
  );
}

const valid = [request(span, span), request(record, record), request(...metrics)];
const anyValid = fc.constantFrom(...valid);

describe('protobuf', () => {
  it('the requests that are mutated below are good ones', () => {
    const spans = protobufTraces.decodeTraces(valid[0]!, strings);
    expect([collect(spans.items).length, spans.items.length, spans.rejected.total]).toEqual([2, 2, 0]);
    expect(collect(protobufLogs.decodeLogs(valid[1]!, strings, 1n).items)).toHaveLength(2);
    expect(translator.translate(protobufMetrics.decodeMetrics(valid[2]!, strings)).rejected).toEqual([]);
  });

  it('random bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), decodeProtobuf), { numRuns: 3000 });
  });

  it('truncations', () => {
    for (const bytes of valid) {
      for (let length = 0; length < bytes.length; length++) decodeProtobuf(bytes.subarray(0, length));
    }
  });

  it('mutations: bytes changed, cut out, doubled', () => {
    const change = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom('set', 'cut', 'double'));
    fc.assert(
      fc.property(anyValid, fc.array(change, { minLength: 1, maxLength: 6 }), (bytes, changes) => {
        let mutated = Buffer.from(bytes);
        for (const [position, value, how] of changes) {
          const at = position % Math.max(1, mutated.length);
          if (how === 'set') mutated[at] = value;
          else if (how === 'cut')
            mutated = Buffer.concat([mutated.subarray(0, at), mutated.subarray(at + (value % 8))]);
          else mutated = Buffer.concat([mutated.subarray(0, at + 8), mutated.subarray(at)]);
        }
        decodeProtobuf(mutated);
      }),
      { numRuns: 5000 },
    );
  });

  it('values nested without end', () => {
    let value = anyText;
    for (let depth = 0; depth < 5000; depth++)
      value = Buffer.concat([tag(5, value.length + prefix(value).length), prefix(value), value]);
    const deep = message((w) => w.string(1, 'deep').bytes(2, value));
    const bytes = request(message((w) => w.bytes(6, deep)));
    expect(() => collect(protobufLogs.decodeLogs(bytes, strings, 1n).items)).toThrow('nested deeper than 64');
  });
});

/** The prefix of `ArrayValue{values = 1}` round a value, and the tag of a field that holds so many bytes. */
function prefix(value: Buffer): Buffer {
  return tag(1, value.length);
}

function tag(field: number, length: number): Buffer {
  const bytes = [(field << 3) | 2];
  let rest = length;
  for (; rest > 127; rest >>>= 7) bytes.push((rest & 127) | 128);
  return Buffer.from([...bytes, rest]);
}

describe('JSON', () => {
  const attributes = [
    { key: 'a', value: { stringValue: 'x' } },
    {
      key: 'b',
      value: { kvlistValue: { values: [{ key: 'c', value: { arrayValue: { values: [{ intValue: '1' }] } } }] } },
    },
  ];
  const point = { timeUnixNano: '1700000000000000000', attributes };
  const ids = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
  const scope = { name: 'lib', attributes };
  const whole = {
    resourceSpans: [
      {
        resource: { attributes },
        scopeSpans: [
          {
            scope,
            spans: [
              { ...ids, kind: 2, startTimeUnixNano: '1', events: [{ attributes }], links: [ids], status: { code: 1 } },
            ],
          },
        ],
      },
    ],
    resourceLogs: [{ scopeLogs: [{ logRecords: [{ ...ids, body: attributes[1]!.value, severityNumber: 9 }] }] }],
    resourceMetrics: [
      {
        scopeMetrics: [
          {
            metrics: [
              { name: 'a', unit: 's', gauge: { dataPoints: [{ ...point, asInt: '1' }] } },
              {
                name: 'b',
                sum: { isMonotonic: true, aggregationTemporality: 1, dataPoints: [{ ...point, asDouble: 1 }] },
              },
              {
                name: 'c',
                histogram: {
                  aggregationTemporality: 2,
                  dataPoints: [{ ...point, count: '1', bucketCounts: ['1', '0'], explicitBounds: [1] }],
                },
              },
              {
                name: 'd',
                exponentialHistogram: {
                  aggregationTemporality: 2,
                  dataPoints: [{ ...point, scale: 3, positive: { offset: 1, bucketCounts: ['1'] } }],
                },
              },
              { name: 'e', summary: { dataPoints: [{ ...point, quantileValues: [{ quantile: 0.5, value: 1 }] }] } },
            ],
          },
        ],
      },
    ],
  };
  const junk = [
    null,
    0,
    -1,
    1.5,
    1e300,
    '',
    'x',
    '-1',
    '99999999999999999999',
    'NaN',
    true,
    [],
    {},
    [null],
    [[]],
    [{}],
    { key: 1 },
  ];

  /** Every place of a value, with a function that puts something else there. */
  function* places(value: unknown): Generator<(replacement: unknown) => void> {
    if (typeof value !== 'object' || value === null) return;
    const container = value as Record<string, unknown>;
    for (const key of Object.keys(container)) {
      yield (replacement) => {
        container[key] = replacement;
      };
      yield* places(container[key]);
    }
  }

  it('the request that is mutated below is a good one', () => {
    expect(jsonTraces.decodeTraces(whole)).toMatchObject({ rejected: { total: 0 }, items: [{}] });
    expect(jsonLogs.decodeLogs(whole, 1n).items).toHaveLength(1);
    expect(translator.translate(jsonMetrics.decodeMetrics(whole)).rejected).toEqual([]);
  });

  it('every value replaced by every kind of junk', () => {
    const count = [...places(structuredClone(whole))].length;
    expect(count).toBeGreaterThan(150);
    for (let index = 0; index < count; index++) {
      for (const replacement of junk) {
        const mutated = JSON.parse(JSON.stringify(whole));
        [...places(mutated)][index]!(replacement);
        decodeJson(mutated);
      }
    }
  });

  it('any JSON', () => {
    fc.assert(fc.property(fc.jsonValue(), decodeJson), { numRuns: 1000 });
  });

  it('values nested without end', () => {
    const deep = `${'{"arrayValue":{"values":['.repeat(5000)}{}${']}}'.repeat(5000)}`;
    const body = `{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"body":${deep}}]}]}]}`;
    expect(() => jsonLogs.decodeLogs(JSON.parse(body), 1n)).toThrow(ServiceError);
  });
});
