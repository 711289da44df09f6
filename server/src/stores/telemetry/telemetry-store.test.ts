import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { packLog, packSpan } from '../../../../tests/support/packed-signals.ts';
import type { Attributes } from '../../model/attributes.ts';
import { systemClock } from '../../model/clock.ts';
import type { LogRecord } from '../../model/log-record.ts';
import type { StoredSpan } from '../../model/span.ts';
import { openTelemetryStore, type TelemetryStore } from './telemetry-store.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const DAY = 86_400_000;
const dataDir = mkdtempSync(join(tmpdir(), 'telemetry-store-'));
const now = BigInt(Date.now()) * 1_000_000n;
const open = () =>
  openTelemetryStore({
    dataDir,
    retention: { metricsMs: 30 * DAY, logsMs: 14 * DAY, tracesMs: 7 * DAY },
    clock: systemClock,
    logger: silent,
  });

let store: TelemetryStore;

afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

function span(fields: Partial<StoredSpan>): StoredSpan {
  return {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    parentSpanId: '',
    traceState: '',
    name: 'GET /',
    kind: 'Server',
    startTimeUnixNano: now,
    durationNano: 1_000_000n,
    status: 'Unset',
    statusMessage: '',
    service: 'shop',
    resourceAttributes: {},
    scopeName: '',
    scopeVersion: '',
    attributes: {},
    events: [],
    links: [],
    ...fields,
  };
}

function record(fields: Partial<LogRecord<Attributes>>): LogRecord<Attributes> {
  return {
    timeUnixNano: now,
    traceId: '',
    spanId: '',
    severityNumber: 9,
    severityText: 'INFO',
    service: 'shop',
    body: 'hello',
    resourceAttributes: {},
    scopeName: '',
    scopeVersion: '',
    attributes: {},
    ...fields,
  };
}

describe('the telemetry store', () => {
  beforeAll(async () => {
    store = await open();
  });

  afterAll(() => store.close());

  it('keeps every field of a span', async () => {
    const full = span({
      parentSpanId: '00f067aa0ba902b7',
      traceState: 'a=b',
      kind: 'Client',
      startTimeUnixNano: now + 123n,
      durationNano: 2n ** 40n,
      status: 'Error',
      statusMessage: 'bröken',
      resourceAttributes: { 'service.name': 'shop', 'deployment.environment.name': 'prod' },
      scopeName: 'scope',
      scopeVersion: '1.2',
      scopeAttributes: { team: 'a' },
      resourceSchemaUrl: 'https://opentelemetry.io/schemas/1.30.0',
      scopeSchemaUrl: 'https://opentelemetry.io/schemas/1.31.0',
      flags: 0x301,
      attributes: { 'http.method': 'GET', empty: '' },
      events: [
        { timeUnixNano: now + 5n, name: 'exception', attributes: { 'exception.type': 'E' } },
        { timeUnixNano: now + 6n, name: 'second', attributes: {} },
      ],
      links: [{ traceId: 'f'.repeat(32), spanId: 'e'.repeat(16), traceState: 'c=d', attributes: { k: 'v' } }],
    });
    await store.writeSpans([packSpan(full)]);
    const [row] = await store.clickHouse.query(
      `SELECT * EXCEPT (Timestamp, "Events.Timestamp"), toString(toUnixTimestamp64Nano(Timestamp)) AS Time,
         arrayMap(t -> toString(toUnixTimestamp64Nano(t)), Events.Timestamp) AS EventTimes
       FROM otel_traces WHERE SpanKind = 'Client'`,
    );
    expect(row).toEqual({
      Time: String(full.startTimeUnixNano),
      TraceId: full.traceId,
      SpanId: full.spanId,
      ParentSpanId: full.parentSpanId,
      TraceState: 'a=b',
      SpanName: 'GET /',
      SpanKind: 'Client',
      ServiceName: 'shop',
      ResourceAttributes: full.resourceAttributes,
      ScopeName: 'scope',
      ScopeVersion: '1.2',
      ScopeAttributes: { team: 'a' },
      ResourceSchemaUrl: full.resourceSchemaUrl,
      ScopeSchemaUrl: full.scopeSchemaUrl,
      Flags: 0x301,
      SpanAttributes: full.attributes,
      Duration: 2 ** 40,
      StatusCode: 'Error',
      StatusMessage: 'bröken',
      EventTimes: [String(now + 5n), String(now + 6n)],
      'Events.Name': ['exception', 'second'],
      'Events.Attributes': [{ 'exception.type': 'E' }, {}],
      'Links.TraceId': ['f'.repeat(32)],
      'Links.SpanId': ['e'.repeat(16)],
      'Links.TraceState': ['c=d'],
      'Links.Attributes': [{ k: 'v' }],
    });
  });

  it('knows when a trace was, and what requests were by the minute', async () => {
    const traceId = '1'.repeat(32);
    const minute = (now / 60_000_000_000n) * 60_000_000_000n;
    await store.writeSpans([
      packSpan(
        span({ traceId, service: 'cart', startTimeUnixNano: minute + 1n, resourceAttributes: { environment: 'test' } }),
      ),
      packSpan(
        span({ traceId, service: 'cart', startTimeUnixNano: minute + 2_000_000_000n, parentSpanId: 'a'.repeat(16) }),
      ),
      packSpan(
        span({ traceId, service: 'cart', startTimeUnixNano: minute + 3n, status: 'Error', durationNano: 3_000_000n }),
      ),
    ]);
    const [times] = await store.clickHouse.query(
      `SELECT dateDiff('second', min(Start), max(End)) AS seconds FROM otel_traces_trace_id_ts
       WHERE TraceId = {traceId:String}`,
      { parameters: { traceId } },
    );
    expect(times).toEqual({ seconds: 2 });
    const metrics = await store.clickHouse.query(
      `SELECT toUnixTimestamp(Timestamp) AS time, Environment, StatusCode, IsRoot, sum(Count) AS count,
         sum(DurationSum) AS duration, sumMap(DurationBuckets) AS buckets
       FROM span_metrics WHERE ServiceName = 'cart' GROUP BY ALL ORDER BY StatusCode, IsRoot`,
    );
    const time = Number(minute / 1_000_000_000n);
    const bucket = (nanoseconds: number) => Math.ceil(Math.log2(nanoseconds) * 16);
    expect(metrics).toEqual([
      {
        time,
        Environment: '',
        StatusCode: 'Error',
        IsRoot: 1,
        count: 1,
        duration: 3e6,
        buckets: { [bucket(3e6)]: 1 },
      },
      { time, Environment: '', StatusCode: 'Unset', IsRoot: 0, count: 1, duration: 1e6, buckets: { [bucket(1e6)]: 1 } },
      {
        time,
        Environment: 'test',
        StatusCode: 'Unset',
        IsRoot: 1,
        count: 1,
        duration: 1e6,
        buckets: { [bucket(1e6)]: 1 },
      },
    ]);
  });

  it('keeps every field of a log record', async () => {
    const full = record({
      timeUnixNano: now + 7n,
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      severityNumber: 17,
      severityText: 'Error',
      service: 'logging',
      body: 'Zeile 1\nZeile 2 \u{1F600}',
      resourceAttributes: { 'host.name': 'h' },
      scopeName: 's',
      scopeVersion: '2',
      scopeAttributes: { team: 'b' },
      resourceSchemaUrl: 'https://opentelemetry.io/schemas/1.30.0',
      scopeSchemaUrl: 'https://opentelemetry.io/schemas/1.31.0',
      observedTimeUnixNano: now + 9n,
      traceFlags: 1,
      eventName: 'order.placed',
      attributes: { k: 'v' },
    });
    await store.writeLogs([packLog(full)]);
    const [row] = await store.clickHouse.query(
      `SELECT * EXCEPT (Timestamp, ObservedTimestamp), toString(toUnixTimestamp64Nano(Timestamp)) AS Time,
         toString(toUnixTimestamp64Nano(ObservedTimestamp)) AS Observed
       FROM otel_logs
       WHERE hasAllTokens(lower(Body), 'zeile')`,
    );
    expect(row).toEqual({
      Time: String(now + 7n),
      TraceId: full.traceId,
      SpanId: full.spanId,
      SeverityText: 'Error',
      SeverityNumber: 17,
      ServiceName: 'logging',
      Body: full.body,
      ResourceAttributes: { 'host.name': 'h' },
      ScopeName: 's',
      ScopeVersion: '2',
      ScopeAttributes: { team: 'b' },
      ResourceSchemaUrl: full.resourceSchemaUrl,
      ScopeSchemaUrl: full.scopeSchemaUrl,
      Observed: String(now + 9n),
      TraceFlags: 1,
      EventName: 'order.placed',
      LogAttributes: { k: 'v' },
    });
  });

  it('refuses a batch that touches more days than a block may', async () => {
    const days = Array.from({ length: 500 }, (_, day) => now - BigInt(day * DAY) * 1_000_000n);
    const logs = store.writeLogs(days.map((timeUnixNano) => packLog(record({ timeUnixNano, service: 'years' }))));
    await expect(logs).rejects.toMatchObject({ code: 'invalid' });
    const spans = store.writeSpans(
      days.map((startTimeUnixNano) => packSpan(span({ startTimeUnixNano, service: 'years' }))),
    );
    await expect(spans).rejects.toMatchObject({ code: 'invalid' });
    expect(await store.clickHouse.query("SELECT 1 FROM otel_logs WHERE ServiceName = 'years'")).toEqual([]);
  });

  it('says how it is', async () => {
    await store.ping();
    const stats = await store.stats();
    expect(stats.tables.find((table) => table.table === 'otel_logs')).toMatchObject({ rows: 1 });
    expect(stats.writers.otel_logs).toMatchObject({ writtenRows: 1, pendingRows: 0 });
    expect(stats.sessions.interactive).toMatchObject({ waiting: 0 });
  });
});

interface Acknowledged {
  readonly writer: string;
  readonly batch: number;
}

const ROWS = 50;
const BATCHES = 6;
const CHILD = fileURLToPath(new URL('../../../../tests/support/telemetry-writer.ts', import.meta.url));

/** Lets a process write batches of spans, logs and samples, and kills it in the middle of them. */
async function writeUntilKilled(round: number): Promise<Acknowledged[]> {
  const child = spawn(process.execPath, [CHILD, dataDir, String(round), String(ROWS), 'store'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const acknowledged: Acknowledged[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(JSON.parse(line) as Acknowledged);
    // At any point of the inserts that follow.
    if (acknowledged.length === BATCHES) setTimeout(() => child.kill('SIGKILL'), Math.random() * 100);
  }
  return acknowledged;
}

describe('a killed process', () => {
  it('loses nothing acknowledged and doubles nothing', async () => {
    const acknowledged = new Set<string>();
    for (let round = 0; round < 3; round++) {
      for (const { writer, batch } of await writeUntilKilled(round)) acknowledged.add(`${writer}/${batch}`);
    }
    expect(acknowledged.size).toBeGreaterThanOrEqual(3 * BATCHES);
    store = await open();
    try {
      for (const table of ['otel_traces', 'otel_logs', 'metric_samples']) {
        const counts = await countBatches(table);
        for (const [batch, rows] of counts) expect([table, batch, rows]).toEqual([table, batch, ROWS]);
        for (const batch of acknowledged) expect(counts.has(batch), `${batch} in ${table}`).toBe(true);
      }
    } finally {
      await store.close();
    }
  });
});

/** Rows by `writer/batch`. */
async function countBatches(table: string): Promise<Map<string, number>> {
  const writer = { otel_traces: 'ServiceName', otel_logs: 'ServiceName', metric_samples: 'metric' }[table]!;
  const batch = {
    otel_traces: "SpanAttributes['batch']",
    otel_logs: "LogAttributes['batch']",
    metric_samples: 'toString(toUInt64(value))',
  }[table]!;
  const rows = await store.clickHouse.query<{ key: string; rows: number }>(
    `SELECT concat(${writer}, '/', ${batch}) AS key, count() AS rows FROM ${table}
     WHERE startsWith(${writer}, 'round_') GROUP BY key`,
  );
  return new Map(rows.map((row) => [row.key, row.rows]));
}
