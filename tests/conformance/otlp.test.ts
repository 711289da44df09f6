import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { levelOfSeverityNumber } from '../../server/src/model/log-record.ts';
import { createIngestServer, type IngestServer, type Stored } from '../support/ingest-server.ts';
import { ProtoSchema } from '../support/proto-schema.ts';

/**
 * Recorded OTLP payloads of the specification and of other projects: each is sent as it is, and once more as protobuf
 * encoded by the specification's own .proto files. Both must be taken whole and give the very same items, and these
 * must be what stands in the payload.
 */
const suites = process.env.CONFORMANCE_DIR;
if (!suites) {
  if (process.env.CI === 'true') throw new Error('CONFORMANCE_DIR must be set with CI=true');
  process.stderr.write('SKIPPED: recorded OTLP payloads: CONFORMANCE_DIR is not set\n');
}

interface Group {
  readonly resource?: { readonly attributes?: readonly unknown[] };
  readonly scopeSpans?: readonly { readonly spans?: readonly RecordedSpan[] }[];
  readonly scopeLogs?: readonly { readonly logRecords?: readonly RecordedLog[] }[];
  readonly scopeMetrics?: readonly { readonly metrics?: readonly { readonly name: string }[] }[];
}

interface RecordedSpan {
  readonly spanId: string;
  readonly name: string;
  readonly startTimeUnixNano: string;
  readonly attributes?: readonly unknown[];
  readonly events?: readonly unknown[];
}

interface RecordedLog {
  readonly timeUnixNano?: string;
  readonly body?: { readonly stringValue?: string };
}

interface Payload {
  readonly resourceSpans?: readonly Group[];
  readonly resourceLogs?: readonly Group[];
  readonly resourceMetrics?: readonly Group[];
}

const SIGNALS = {
  resourceSpans: { url: '/v1/traces', message: 'ExportTraceServiceRequest' },
  resourceLogs: { url: '/v1/logs', message: 'ExportLogsServiceRequest' },
  resourceMetrics: { url: '/v1/metrics', message: 'ExportMetricsServiceRequest' },
} as const;

const folder = path.join(suites ?? '', 'otlp');
const files = suites
  ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.json'))
      .sort()
  : [];
const schema = suites ? ProtoSchema.ofFolder(path.join(suites, 'protos', 'opentelemetry')) : undefined;
const tally = { run: 0, passed: 0, skipped: new Map<string, number>() };

/** The request that a file holds: some projects wrap or rename the trace format. */
function readPayload(name: string): Payload {
  const content = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as Record<string, unknown>;
  if (content.batches) return { resourceSpans: content.batches as Group[] };
  const trace = content.trace as Record<string, unknown> | undefined;
  return (trace?.resourceSpans ? trace : content) as Payload;
}

function signalOf(payload: Payload): keyof typeof SIGNALS | undefined {
  return (Object.keys(SIGNALS) as (keyof typeof SIGNALS)[]).find((key) => Array.isArray(payload[key]));
}

describe.skipIf(!suites)('otlp', () => {
  let server: IngestServer;
  beforeEach(async () => {
    server = await createIngestServer();
  });
  afterEach(() => server.app.close());
  afterAll(() => {
    const skipped = [...tally.skipped.values()].reduce((sum, count) => sum + count, 0);
    const reasons = [...tally.skipped].map(([reason, count]) => `${reason}: ${count}`).join(', ');
    process.stdout.write(
      `otlp: ${tally.passed} passed, ${tally.run - tally.passed} failed, ${skipped} skipped${reasons ? ` (${reasons})` : ''}\n`,
    );
  });

  async function send(url: string, type: string, payload: string | Buffer): Promise<Stored> {
    const before = {
      spans: server.stored.spans.length,
      logs: server.stored.logs.length,
      samples: server.stored.samples.length,
    };
    const answer = await server.app.inject({ method: 'POST', url, headers: { 'content-type': type }, payload });
    expect([answer.statusCode, answer.body]).toEqual([200, type === 'application/json' ? '{}' : '']);
    return {
      spans: server.stored.spans.slice(before.spans),
      logs: server.stored.logs.slice(before.logs),
      samples: server.stored.samples.slice(before.samples),
    };
  }

  it.for(files)('%s', async (name, { skip }) => {
    const payload = readPayload(name);
    const signal = signalOf(payload);
    if (!signal) {
      tally.skipped.set('not an OTLP request', (tally.skipped.get('not an OTLP request') ?? 0) + 1);
      return skip('not an OTLP request');
    }
    tally.run++;
    const { url, message } = SIGNALS[signal];
    const fromJson = await send(url, 'application/json', JSON.stringify(payload));
    const fromProtobuf = await send(
      url,
      'application/x-protobuf',
      schema!.encode(message, payload as Record<string, unknown>),
    );
    expect(fromProtobuf).toEqual(fromJson);
    expectContent(fromJson, payload);
    expectSeverity(name, fromJson);
    tally.passed++;
  });
});

/** The names of these cases say what must come out. */
function expectSeverity(name: string, { logs }: Stored): void {
  const levels = logs.map(({ severityNumber }) => levelOfSeverityNumber(severityNumber));
  const inferred = /severity-inference\/infer-(trace|debug|info|warn|error|fatal)\//.exec(name);
  if (inferred) expect(new Set(levels)).toEqual(new Set([inferred[1]]));
  if (name.includes('/no-infer-')) expect(new Set(levels)).toEqual(new Set([undefined]));
  if (name.includes('/infer-superstring/')) expect(levels).not.toContain(undefined);
}

function expectContent(stored: Stored, payload: Payload): void {
  const spans = (payload.resourceSpans ?? [])
    .flatMap((group) => group.scopeSpans ?? [])
    .flatMap((scope) => scope.spans ?? []);
  expect(stored.spans).toHaveLength(spans.length);
  for (const [index, span] of spans.entries()) {
    expect(stored.spans[index]).toMatchObject({ name: span.name, startTimeUnixNano: BigInt(span.startTimeUnixNano) });
    expect(Object.keys(stored.spans[index]!.attributes)).toHaveLength(span.attributes?.length ?? 0);
    expect(stored.spans[index]!.events).toHaveLength(span.events?.length ?? 0);
  }
  const records = (payload.resourceLogs ?? [])
    .flatMap((group) => group.scopeLogs ?? [])
    .flatMap((scope) => scope.logRecords ?? []);
  expect(stored.logs).toHaveLength(records.length);
  for (const [index, record] of records.entries()) {
    if (record.timeUnixNano) expect(stored.logs[index]!.timeUnixNano).toBe(BigInt(record.timeUnixNano));
    if (record.body?.stringValue !== undefined) expect(stored.logs[index]!.body).toBe(record.body.stringValue);
  }
  const metrics = (payload.resourceMetrics ?? [])
    .flatMap((group) => group.scopeMetrics ?? [])
    .flatMap((scope) => scope.metrics ?? []);
  const names = new Set(stored.samples.map((series) => series.name));
  expect(names.size).toBeGreaterThanOrEqual(metrics.length);
}
