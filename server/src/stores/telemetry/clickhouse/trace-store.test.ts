import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackSpan } from '../../../../../tests/support/packed-signals.ts';
import { type SpanWords, spanOf } from '../../../../../tests/support/span-builder.ts';
import { openTestTelemetryStore } from '../../../../../tests/support/telemetry-store.ts';
import type { TelemetryStore } from '../telemetry-store.ts';
import type { TraceListOptions, TracePosition, TraceSelection, TraceSummary } from '../trace-store.ts';
import { readTrace, selectTraces } from './trace-sql.ts';
import { ClickHouseTraceStore } from './trace-store.ts';

const T = Date.UTC(2026, 0, 5, 12);
const HOUR = 3_600_000;
/** Every group of tests has a day of its own. */
const day = (number: number) => ({ start: T + number * 24 * HOUR, end: T + number * 24 * HOUR + HOUR });
const id = (number: number) => number.toString(16).padStart(32, '0');
const spanId = (number: number) => number.toString(16).padStart(16, '0');

let store: TelemetryStore;
let reader: ClickHouseTraceStore;

beforeAll(async () => {
  store = await openTestTelemetryStore();
  reader = new ClickHouseTraceStore(store.clickHouse);
});
afterAll(() => store?.close());

const write = (...spans: SpanWords[]) => store.writeSpans(spans.map(spanOf));

async function listed(selection: TraceSelection, sort: TraceListOptions['sort'] = 'newest'): Promise<number[]> {
  const { traces } = await reader.list(selection, { sort, limit: 1000 });
  return traces.map((trace) => Number.parseInt(trace.traceId, 16));
}

describe('list', () => {
  const range = day(0);
  const at = range.start;

  beforeAll(async () => {
    await write(
      // 1: two services, 500 ms, an error.
      { traceId: id(1), spanId: spanId(11), at: at + 1000, ms: 500, name: 'POST /pay', service: 'espice/gateway' },
      {
        traceId: id(1),
        spanId: spanId(12),
        parentSpanId: spanId(11),
        at: at + 1100,
        ms: 100,
        name: 'charge',
        service: 'payments',
        status: 'Error',
        attributes: { 'db.system': 'postgresql', empty: '' },
        environment: 'production',
      },
      // 2: its root is missing.
      { traceId: id(2), parentSpanId: spanId(99), at: at + 2000, ms: 20, name: 'b', service: 'payments' },
      { traceId: id(2), parentSpanId: spanId(98), at: at + 1990, ms: 5, name: 'a', service: 'stock' },
      // 3: the root starts after its child, by a skewed clock.
      { traceId: id(3), spanId: spanId(31), at: at + 3000, ms: 2000, name: 'root', service: 'stock' },
      { traceId: id(3), parentSpanId: spanId(31), at: at + 2900, ms: 10, name: 'charge', service: 'payments' },
      // 4: began before the window. 5: begins after it. 6: goes on after it.
      { traceId: id(4), spanId: spanId(41), at: at - 10, ms: 20, service: 'stock' },
      { traceId: id(4), parentSpanId: spanId(41), at: at + 1, ms: 1, service: 'stock', status: 'Error' },
      { traceId: id(5), at: range.end, ms: 1 },
      { traceId: id(6), spanId: spanId(61), at: range.end - 1, ms: 60_000, service: 'batch' },
      { traceId: id(6), parentSpanId: spanId(61), at: range.end + 5000, ms: 10, service: 'late', status: 'Error' },
    );
    // A batch that was sent twice.
    const twice = {
      traceId: id(7),
      spanId: spanId(71),
      at: at + 4000,
      ms: 1,
      service: 'twice',
      status: 'Error',
    } as const;
    await write(twice, twice);
    await write(twice);
  });

  it('sums up whole traces', async () => {
    const { traces, next } = await reader.list({ range }, { sort: 'newest', limit: 10 });
    expect(next).toBeUndefined();
    const nano = (milliseconds: number) => BigInt(milliseconds) * 1_000_000n;
    const summary = (
      number: number,
      [start, duration]: readonly [number, number],
      [rootService, rootOperation]: readonly [string, string],
      [spanCount, errorCount]: readonly [number, number],
      services: string[],
    ): TraceSummary => ({
      traceId: id(number),
      startTimeUnixNano: nano(start),
      durationNano: nano(duration),
      rootService,
      rootOperation,
      spanCount,
      errorCount,
      services,
    });
    expect(traces).toEqual([
      summary(6, [range.end - 1, 60_000], ['batch', 'GET /'], [2, 1], ['batch', 'late']),
      summary(7, [at + 4000, 1], ['twice', 'GET /'], [1, 1], ['twice']),
      summary(3, [at + 2900, 2100], ['stock', 'root'], [2, 0], ['payments', 'stock']),
      summary(2, [at + 1990, 30], ['stock', 'a'], [2, 0], ['payments', 'stock']),
      summary(1, [at + 1000, 500], ['espice/gateway', 'POST /pay'], [2, 1], ['espice/gateway', 'payments']),
    ]);
  });

  it.each<[string, Omit<TraceSelection, 'range'>, number[]]>([
    ['a service', { service: 'payments' }, [3, 2, 1]],
    ['a service with a namespace', { service: 'espice/gateway' }, [1]],
    ['an operation', { operation: 'charge' }, [3, 1]],
    ['service and operation of one span', { service: 'stock', operation: 'charge' }, []],
    ['an attribute', { attributes: [['db.system', 'postgresql']] }, [1]],
    ['an empty attribute', { attributes: [['empty', '']] }, [1]],
    ['an environment', { environment: 'production' }, [1]],
    ['failed traces', { status: 'error' }, [6, 7, 1]],
    ['good traces', { status: 'ok' }, [3, 2]],
    ['long traces', { minDurationMs: 500 }, [6, 3, 1]],
    ['short traces', { maxDurationMs: 30 }, [7, 2]],
    ['both', { minDurationMs: 30, maxDurationMs: 500 }, [2, 1]],
    ['a service of a failed, long trace', { service: 'payments', status: 'error', minDurationMs: 500 }, [1]],
    ['a span after the window', { service: 'late' }, [6]],
    ['nothing', { service: "'; DROP TABLE otel_traces; --" }, []],
  ])('finds %s', async (_name, selection, found) => {
    expect(await listed({ range, ...selection })).toEqual(found);
    const bySpeed = await listed({ range, ...selection }, 'slowest');
    expect(bySpeed.toSorted()).toEqual(found.toSorted());
  });

  it('gives the slowest first', async () => {
    expect(await listed({ range }, 'slowest')).toEqual([6, 3, 1, 2, 7]);
  });

  it('takes windows beyond what a time of the engine can hold', async () => {
    expect(await listed({ range: { start: -1e15, end: 1e18 }, service: 'twice' })).toEqual([7]);
  });
});

describe('a trace of less than a second', () => {
  it('is found although its whole part lies within one second', async () => {
    const range = day(20);
    await write({
      traceId: id(900),
      spanId: spanId(901),
      at: range.start + 500,
      ms: 20,
      name: 'GET',
      service: 'short',
    });
    expect(await listed({ range })).toEqual([900]);
    expect((await reader.get(id(900)))?.spans).toHaveLength(1);
  });
});

describe('paging', () => {
  const range = day(3);

  // Traces of two spans, many at the same time and of the same length, over the whole hour and across its start.
  beforeAll(async () => {
    const first: SpanWords[] = [];
    const second: SpanWords[] = [];
    for (let index = 0; index < 150; index++) {
      const at = range.start - 60_000 + Math.floor(index / 3) * 75_000;
      const ms = 10 * (1 + (index % 4));
      first.push({ traceId: id(1000 + index), spanId: spanId(index + 1), at, ms, service: `s${index % 2}` });
      second.push({ traceId: id(1000 + index), parentSpanId: spanId(index + 1), at: at + 61_000, ms, service: 's2' });
    }
    await write(...first);
    await write(...second);
  });

  async function pages(selection: TraceSelection, options: Omit<TraceListOptions, 'after'>): Promise<TraceSummary[]> {
    const traces: TraceSummary[] = [];
    let after: TracePosition | undefined;
    do {
      const page = await reader.list(selection, { ...options, ...(after && { after }) });
      traces.push(...page.traces);
      expect(page.traces.length).toBeLessThanOrEqual(options.limit);
      after = page.next && (JSON.parse(JSON.stringify(page.next)) as TracePosition);
    } while (after);
    return traces;
  }

  const began = (index: number) => range.start - 60_000 + Math.floor(index / 3) * 75_000;
  const within = Array.from({ length: 150 }, (_, index) => index).filter(
    (index) => began(index) >= range.start && began(index) < range.end,
  );
  const sort = fc.constantFrom('newest', 'slowest');

  it('gives every trace of the window once, whatever the limit and order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 9, max: 160 }), sort, async (limit, sort) => {
        const traces = await pages({ range }, { sort, limit });
        const key = (trace: TraceSummary) => (sort === 'newest' ? trace.startTimeUnixNano : trace.durationNano);
        const keys = traces.map(key);
        expect(keys).toEqual([...keys].sort((a, b) => Number(b - a)));
        const numbers = traces.map((trace) => Number.parseInt(trace.traceId, 16) - 1000);
        expect(numbers.sort((a, b) => a - b)).toEqual(within);
      }),
      {
        numRuns: 8,
        examples: [
          [3, 'newest'],
          [147, 'newest'],
          [146, 'slowest'],
        ],
      },
    );
  });

  it('pages through a selection', async () => {
    const traces = await pages({ range, service: 's1', minDurationMs: 1000 }, { sort: 'newest', limit: 7 });
    const numbers = traces.map((trace) => Number.parseInt(trace.traceId, 16) - 1000);
    expect(numbers.sort((a, b) => a - b)).toEqual(within.filter((index) => index % 2 === 1));
  });
});

describe('get', () => {
  const at = day(6).start;

  it('gives the spans as they were written, by start time, each once', async () => {
    const root: SpanWords = {
      traceId: id(9001),
      spanId: spanId(1),
      at,
      ms: 100,
      traceState: 'a=b',
      scopeName: 'scope',
      scopeVersion: '1.2',
      scopeAttributes: { team: 'checkout' },
      scopeSchemaUrl: 'https://example.org/schemas/1.1',
      resourceSchemaUrl: 'https://example.org/schemas/1.0',
      flags: 0x301,
      statusMessage: "it's",
      status: 'Error',
      resourceAttributes: { 'service.name': 'shop' },
      attributes: { 'http.route': '/x', odd: 'tab\t "quote" \\ é 日本' },
      events: [
        { timeUnixNano: BigInt(at) * 1_000_000n + 7n, name: 'exception', attributes: { 'exception.type': 'E' } },
        { timeUnixNano: BigInt(at) * 1_000_000n + 8n, name: 'empty', attributes: {} },
      ],
      links: [{ traceId: id(1), spanId: spanId(5), traceState: '', attributes: { why: 'batch' } }],
    };
    const child: SpanWords = {
      traceId: id(9001),
      spanId: spanId(2),
      parentSpanId: spanId(1),
      at: at + 7_200_000,
      ms: 1,
    };
    await write(child);
    await write(root, root);
    // What a span leaves out is empty.
    const unsaid = { flags: 0, scopeAttributes: {}, scopeSchemaUrl: '', resourceSchemaUrl: '' };
    expect(await reader.get(id(9001))).toEqual({
      spans: [spanOf(root), spanOf({ ...unsaid, ...child })].map(unpackSpan),
      isTruncated: false,
    });
  });

  it('knows what it does not have', async () => {
    expect(await reader.get(id(0xdead))).toBeUndefined();
  });

  it('reads at most 10000 spans', async () => {
    const spans = Array.from({ length: 10_001 }, (_, index) => ({ traceId: id(9002), at: at + index, ms: 1 }));
    await write(...spans);
    const trace = await reader.get(id(9002));
    expect(trace?.spans).toHaveLength(10_000);
    expect(trace?.isTruncated).toBe(true);
  });

  it('finds a trace by its id without reading the days around', async () => {
    const { sql, parameters } = readTrace(id(9001), 10);
    const plan = await store.clickHouse.query<{ explain: string }>(`EXPLAIN indexes = 1 ${sql}`, { parameters });
    const text = plan.map((row) => row.explain).join('\n');
    const parts = /Min-Max[\s\S]*?Parts: (\d+)\/(\d+)/.exec(text);
    expect(Number(parts?.[1]), text).toBeLessThan(Number(parts?.[2]));
    expect(text).toContain('idx_trace_id');
  });

  it('passes over what has no such attribute, once a merge has made the index of attributes', async () => {
    await write(
      { traceId: id(9003), at: at - 86_400_000, ms: 1, attributes: { 'order.id': 'o-4711' } },
      { traceId: id(9004), at: at + 86_400_000, ms: 1, resourceAttributes: { 'order.id': 'o-4712' } },
    );
    await store.clickHouse.command('OPTIMIZE TABLE otel_traces FINAL');
    const range = { start: at - 2 * 86_400_000, end: at + 2 * 86_400_000 };
    const marks = async (value: string) => {
      const { sql, parameters } = selectTraces(
        { range, attributes: [['order.id', value]] },
        { sort: 'newest', rows: 1 },
      );
      const inner = /SELECT TraceId\s+FROM otel_traces\s+WHERE Timestamp[\s\S]*?\n {2}\)/.exec(sql)![0].slice(0, -1);
      const rows = await store.clickHouse.query<{ marks: number }>(
        `EXPLAIN ESTIMATE ${inner} SETTINGS use_skip_indexes_on_data_read = 0`,
        { parameters },
      );
      return rows.reduce((sum, row) => sum + row.marks, 0);
    };
    expect(await marks('o-4711')).toBe(1);
    expect(await marks('o-4712')).toBe(1);
    expect(await marks('o-4713')).toBe(0);
  });
});
