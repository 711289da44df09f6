import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ProtobufWriter } from '../../server/src/lib/protobuf-writer.ts';
import { INGEST_NOW } from '../support/ingest-server.ts';
import { ProtoSchema } from '../support/proto-schema.ts';

type OtlpSignal = 'traces' | 'metrics' | 'logs';
type Json = Record<string, unknown>;

/** Valid payloads to begin with. */
export interface Corpus {
  readonly otlpJson: Record<OtlpSignal, Buffer[]>;
  readonly otlpProtobuf: Record<OtlpSignal, Buffer[]>;
  readonly remoteWriteV1: Buffer[];
  readonly remoteWriteV2: Buffer[];
  readonly zipkin: Buffer[];
  readonly exposition: Buffer[];
  /** By path. */
  readonly json: Record<string, Buffer[]>;
  readonly statsd: Buffer[];
}

/** Longer payloads make a run slow and find no more. */
const MOST_BYTES = 64 * 1024;
const NANO = `${INGEST_NOW}000000`;
const [TRACE_ID, SPAN_ID] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331'];

/** What this project knows by itself, and the payloads of the conformance suites where there are any. */
export function readCorpus(suites: string | undefined): Corpus {
  const corpus = ownCorpus();
  if (suites) addSuites(corpus, suites);
  return corpus;
}

function bytes(...values: (string | object)[]): Buffer[] {
  return values.map((value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
}

const attributes = [
  { key: 'http.route', value: { stringValue: '/cart' } },
  {
    key: 'nested',
    value: { kvlistValue: { values: [{ key: 'a', value: { arrayValue: { values: [{ intValue: '5' }] } } }] } },
  },
  { key: 'ok', value: { boolValue: true } },
];
const resource = { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] };
const point = { startTimeUnixNano: NANO, timeUnixNano: NANO, attributes };

function ownCorpus(): Corpus {
  const span = {
    traceId: TRACE_ID,
    spanId: SPAN_ID,
    name: 'GET /',
    kind: 2,
    startTimeUnixNano: NANO,
    endTimeUnixNano: NANO,
    attributes,
    events: [{ timeUnixNano: NANO, name: 'e', attributes }],
    links: [{ traceId: TRACE_ID, spanId: SPAN_ID, attributes }],
    status: { code: 2, message: 'x' },
  };
  const histogram = { ...point, count: '6', sum: 9.5, bucketCounts: ['1', '2', '3'], explicitBounds: [1, 2] };
  const exponential = {
    ...point,
    count: '6',
    sum: 20,
    scale: 0,
    zeroCount: '1',
    positive: { offset: 0, bucketCounts: ['2', '3'] },
  };
  const metrics = [
    { name: 'depth', gauge: { dataPoints: [{ ...point, asDouble: 1.5 }] } },
    { name: 'orders', sum: { dataPoints: [{ ...point, asInt: '3' }], aggregationTemporality: 1, isMonotonic: true } },
    { name: 'took', unit: 's', histogram: { dataPoints: [histogram], aggregationTemporality: 2 } },
    { name: 'size', exponentialHistogram: { dataPoints: [exponential], aggregationTemporality: 2 } },
    {
      name: 'old',
      summary: { dataPoints: [{ ...point, count: '2', sum: 3, quantileValues: [{ quantile: 0.5, value: 1 }] }] },
    },
  ];
  const record = {
    timeUnixNano: NANO,
    severityNumber: 9,
    body: { stringValue: 'hello' },
    attributes,
    traceId: TRACE_ID,
  };
  const item = {
    timestamp: NANO,
    level: 'warn',
    service: 'shop',
    message: 'slow',
    attributes: { a: [1, { b: null }] },
  };
  const sample = { name: 'orders_total', value: 3, type: 'counter', labels: { shop: 'a' }, timestamp: 1_795_428_000 };
  const jsonSpan = {
    trace_id: TRACE_ID,
    span_id: SPAN_ID,
    name: 'GET /',
    started_at: '2026-11-23T10:00:00Z',
    duration_ms: 1.5,
    events: [{ name: 'e', time: NANO, attributes: { a: 1 } }],
  };
  const lines = (value: object) => `${JSON.stringify(value)}\n`.repeat(3);
  const each = (value: object) => bytes(value, [value, value], lines(value));
  return {
    otlpJson: {
      traces: bytes({ resourceSpans: [{ resource, scopeSpans: [{ spans: [span, span] }] }] }),
      metrics: bytes({ resourceMetrics: [{ resource, scopeMetrics: [{ metrics }] }] }),
      logs: bytes({ resourceLogs: [{ resource, scopeLogs: [{ logRecords: [record, record] }] }] }),
    },
    otlpProtobuf: ownProtobuf(),
    remoteWriteV1: [ownWriteRequest()],
    remoteWriteV2: [ownWriteRequestV2()],
    zipkin: bytes([
      {
        traceId: TRACE_ID,
        id: SPAN_ID,
        kind: 'SERVER',
        name: 'get',
        timestamp: INGEST_NOW * 1000,
        duration: 1500,
        shared: true,
        localEndpoint: { serviceName: 'shop', ipv4: '10.0.0.1', port: 80 },
        annotations: [{ timestamp: INGEST_NOW * 1000, value: 'x' }],
        tags: { error: 'yes' },
      },
    ]),
    exposition: bytes(
      '# HELP a_total All\n# TYPE a_total counter\na_total{b="c\\n\\"d"} 5\n# TYPE h histogram\nh_bucket{le="1"} 1\n' +
        'h_bucket{le="+Inf"} 2\nh_sum 1.5e0\nh_count 2\n',
      '# TYPE g gauge\n# UNIT g_seconds seconds\ng NaN\n# TYPE i info\ni_info{v="1"} 1\n# EOF\n',
    ),
    json: { '/api/logs': each(item), '/api/monitoring/metrics': each(sample), '/api/traces': each(jsonSpan) },
    statsd: bytes(
      'http.requests:1|c|@0.1|#code:200,hot\ndb.query:20:30.5|ms\nsize:5|h\nusers:ann|s\ndepth:-3|g\ndepth:+1|g',
      '_e{5,4}:title|text|#a:b\n_sc|name|0|m:x\nsize:1:2:3|d|#a:b|c:in-1|T1656581400',
    ),
  };
}

const message = (...fields: readonly [number, Uint8Array | string | bigint][]) => {
  const writer = new ProtobufWriter();
  for (const [field, value] of fields) {
    if (typeof value === 'string') writer.string(field, value);
    else if (typeof value === 'bigint') writer.fixed64(field, value);
    else writer.bytes(field, value);
  }
  return writer.finish();
};

function ownProtobuf(): Corpus['otlpProtobuf'] {
  const time = BigInt(NANO);
  const attribute = message([1, 'key'], [2, message([1, 'value'])]);
  const origin = message([1, message([1, 'service.name'], [2, message([1, 'shop'])])]);
  const request = (items: Uint8Array) => [message([1, message([1, origin], [2, message([2, items])])])];
  const [traceId, spanId] = [Buffer.from(TRACE_ID, 'hex'), Buffer.from(SPAN_ID, 'hex')];
  const doublePoint = new ProtobufWriter().fixed64(3, time).double(4, 1.5).bytes(7, attribute).finish();
  return {
    traces: request(message([1, traceId], [2, spanId], [5, 'GET /'], [7, time], [8, time], [9, attribute])),
    metrics: request(message([1, 'depth'], [5, message([1, doublePoint])])),
    logs: request(message([1, time], [5, message([1, 'hello'])], [6, attribute], [9, traceId])),
  };
}

function ownWriteRequest(): Buffer {
  const label = (name: string, value: string) => message([1, name], [2, value]);
  const sample = new ProtobufWriter().double(1, 1.5).varint(2, INGEST_NOW).finish();
  return message([1, message([1, label('__name__', 'up')], [1, label('job', 'a')], [2, sample])]);
}

/** Symbols, and one series that names them by their places: `up{job="a"}`. */
function ownWriteRequestV2(): Buffer {
  const sample = new ProtobufWriter().double(1, 1.5).varint(2, INGEST_NOW).finish();
  const series = message([1, Buffer.from([1, 2, 3, 4])], [2, sample]);
  return message([4, ''], [4, '__name__'], [4, 'up'], [4, 'job'], [4, 'a'], [5, series]);
}

function addSuites(corpus: Corpus, suites: string): void {
  const otlp = ProtoSchema.ofFolder(path.join(suites, 'protos', 'opentelemetry'));
  const kinds = [
    ['resourceSpans', 'traces', 'ExportTraceServiceRequest'],
    ['resourceMetrics', 'metrics', 'ExportMetricsServiceRequest'],
    ['resourceLogs', 'logs', 'ExportLogsServiceRequest'],
  ] as const;
  for (const file of filesBelow(path.join(suites, 'otlp'), '.json')) {
    const value = parsed(file);
    for (const [key, signal, request] of kinds) {
      if (!value || !Array.isArray(value[key])) continue;
      corpus.otlpJson[signal].push(file);
      const encoded = attempt(() => otlp.encode(request, value));
      if (encoded) corpus.otlpProtobuf[signal].push(encoded);
    }
  }
  const prompb = path.join(suites, 'protos', 'prometheus', 'prompb');
  const prometheus = ProtoSchema.ofFiles(['types.proto', 'remote.proto'].map((name) => path.join(prompb, name)));
  for (const file of filesBelow(path.join(suites, 'remote-write'), 'input.json')) {
    const encoded = attempt(() => prometheus.encode('WriteRequest', parsed(file)!));
    if (encoded) corpus.remoteWriteV1.push(encoded);
  }
  corpus.exposition.push(...filesBelow(path.join(suites, 'exposition'), ''));
  corpus.zipkin.push(
    ...filesBelow(path.join(suites, 'traces'), '.json').filter((file) => file.includes('"localEndpoint"')),
  );
}

function filesBelow(folder: string, ending: string): Buffer[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending) && !name.endsWith('.md'))
    .map((name) => path.join(folder, name))
    .filter((file) => statSync(file).isFile() && statSync(file).size <= MOST_BYTES)
    .map((file) => readFileSync(file));
}

function parsed(file: Buffer): Json | undefined {
  const value: unknown = attempt(() => JSON.parse(file.toString()));
  return typeof value === 'object' && value !== null ? (value as Json) : undefined;
}

/** Some recorded payloads are no messages of their kind: those are left out. */
function attempt<Value>(make: () => Value): Value | undefined {
  try {
    return make();
  } catch {
    return undefined;
  }
}
