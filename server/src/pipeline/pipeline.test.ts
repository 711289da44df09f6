import { describe, expect, it } from 'vitest';
import { packAttributes } from '../model/attribute-packer.ts';
import { ServiceError } from '../model/errors.ts';
import { collect } from '../model/flow.ts';
import type { LogRecord } from '../model/log-record.ts';
import type { SeriesSamples } from '../model/metric.ts';
import { NO_ATTRIBUTES } from '../model/packed-attributes.ts';
import type { Span } from '../model/span.ts';
import type { PipelineLimits } from './limits.ts';
import { createPipeline } from './pipeline.ts';

const NOW = Date.UTC(2026, 10, 23);
const NOW_NANO = BigInt(NOW) * 1_000_000n;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function setUp(limits: Partial<PipelineLimits> = {}, write: () => Promise<void> = async () => {}) {
  const stored = { spans: [] as Span[], logs: [] as LogRecord[], samples: [] as SeriesSamples[] };
  const keep = async <Item>(list: Item[], items: readonly Item[]) => {
    await write();
    list.push(...items);
  };
  const pipeline = createPipeline({
    spans: { writeSpans: (items) => keep(stored.spans, collect(items)) },
    logs: { writeLogs: (items) => keep(stored.logs, collect(items)) },
    samples: { writeSamples: (items) => keep(stored.samples, items) },
    clock: { now: () => NOW, setTimer: () => ({ cancel() {} }) },
    logger: quiet,
    limits,
  });
  return { stored, pipeline, intake: pipeline.intake('test') };
}

function log(fields: Partial<LogRecord> = {}): LogRecord {
  return {
    timeUnixNano: NOW_NANO,
    traceId: '',
    spanId: '',
    severityNumber: 9,
    severityText: '',
    service: 'a',
    body: 'hello',
    resourceAttributes: NO_ATTRIBUTES,
    scopeName: '',
    scopeVersion: '',
    attributes: NO_ATTRIBUTES,
    ...fields,
  };
}

function span(fields: Partial<Span> = {}): Span {
  return {
    traceId: '1'.repeat(32),
    spanId: '2'.repeat(16),
    parentSpanId: '',
    traceState: '',
    name: 'GET /',
    kind: 'Server',
    startTimeUnixNano: NOW_NANO,
    durationNano: 1n,
    status: 'Unset',
    statusMessage: '',
    service: 'a',
    resourceAttributes: NO_ATTRIBUTES,
    scopeName: '',
    scopeVersion: '',
    attributes: NO_ATTRIBUTES,
    events: [],
    links: [],
    ...fields,
  };
}

function series(labels: Record<string, string>, timestamps: number[] = [NOW]): SeriesSamples {
  return { name: 'm', labels, type: 'gauge', unit: '', help: '', timestamps, values: timestamps.map(() => 1) };
}

describe('pipeline', () => {
  it('passes untouched items on as they are', async () => {
    const { stored, intake } = setUp();
    const items = [span(), span()];
    expect(await intake.writeSpans(items)).toEqual({ accepted: 2, rejected: [] });
    expect(stored.spans[0]).toBe(items[0]);
  });

  it('keeps good items and names the reasons of the others', async () => {
    const { stored, intake, pipeline } = setUp({ maxAgeMs: { logs: 1000 }, maxAheadMs: 1000 });
    const outcome = await intake.writeLogs(
      [
        log(),
        log({ timeUnixNano: NOW_NANO - 2_000_000_000n }),
        log({ timeUnixNano: NOW_NANO + 2_000_000_000n }),
        log({ timeUnixNano: 2n ** 63n }),
      ],
      { refused: [{ reason: 'missing_time', count: 3 }] },
    );
    expect(stored.logs).toHaveLength(1);
    const rejected = { too_old: 1, too_far_in_future: 1, time_out_of_range: 1, missing_time: 3 };
    expect(Object.fromEntries(outcome.rejected.map(({ reason, count }) => [reason, count]))).toEqual(rejected);
    expect(pipeline.stats().find(({ signal }) => signal === 'logs')).toEqual({
      source: 'test',
      signal: 'logs',
      refusedRequests: {},
      accepted: 1,
      rejected,
      dropped: {},
      failed: 0,
      rateLimited: 0,
      truncated: 0,
      redacted: 0,
      lastReceivedAt: NOW,
      perSecond: { accepted: 1 / 60, refused: 6 / 60 },
      examples: ['missing_time', 'time_out_of_range', 'too_far_in_future', 'too_old'].map((reason) => ({
        at: NOW,
        reason,
        subject: reason === 'missing_time' ? '' : 'a',
        detail: '',
        count: 1,
      })),
    });
  });

  it('refuses nobody because the clock was set', async () => {
    let now = NOW;
    const pipeline = createPipeline({
      spans: { writeSpans: async () => {} },
      logs: { writeLogs: async (records) => void collect(records) },
      samples: { writeSamples: async () => {} },
      clock: { now: () => now, setTimer: () => ({ cancel() {} }) },
      logger: quiet,
      limits: { maxAgeMs: { logs: 1000 }, maxAheadMs: 1000 },
      elapsed: () => 0,
    });
    const accepted = async () => (await pipeline.intake('test').writeLogs([log()])).accepted;
    expect(await accepted()).toBe(1);
    now = NOW + 3_600_000;
    expect(await accepted()).toBe(1);
    now = NOW - 7_200_000;
    expect(await accepted()).toBe(1);
  });

  it('cuts long texts with a mark and never between surrogates', async () => {
    const { stored, intake, pipeline } = setUp({ bodyLength: 20, attributeValueLength: 20, attributeCount: 2 });
    await intake.writeLogs([
      log({ body: `1234567${'😀'.repeat(20)}`, attributes: packAttributes({ a: 'x'.repeat(21), b: '', c: '' }) }),
    ]);
    const [record] = stored.logs;
    expect(record!.body).toBe('1234567…[truncated]');
    expect(record!.body.isWellFormed()).toBe(true);
    expect(record!.attributes.toRecord()).toEqual({ a: 'xxxxxxxx…[truncated]', b: '' });
    expect(pipeline.stats()[1]!.truncated).toBe(3);
  });

  it('limits the events of a span and shares one resource object among its spans', async () => {
    const { stored, intake } = setUp({ eventCount: 1, attributeValueLength: 20 });
    const resourceAttributes = packAttributes({ long: 'x'.repeat(30) });
    const event = { timeUnixNano: NOW_NANO, name: 'e', attributes: NO_ATTRIBUTES };
    await intake.writeSpans([span({ resourceAttributes, events: [event, event] }), span({ resourceAttributes })]);
    expect(stored.spans[0]!.events).toHaveLength(1);
    expect(stored.spans[0]!.resourceAttributes.get('long')).toHaveLength(20);
    expect(stored.spans[1]!.resourceAttributes).toBe(stored.spans[0]!.resourceAttributes);
  });

  it('cuts what a span says of its origin', async () => {
    const { stored, intake } = setUp({ nameLength: 20, attributeValueLength: 20 });
    const scopeAttributes = packAttributes({ long: 'x'.repeat(30) });
    const long = 'y'.repeat(30);
    await intake.writeSpans([span({ scopeAttributes, scopeName: long, resourceSchemaUrl: long, scopeSchemaUrl: '' })]);
    const [cut] = stored.spans;
    expect(cut!.scopeAttributes!.get('long')).toHaveLength(20);
    expect(cut).toMatchObject({ scopeName: 'yyyyyyyy…[truncated]', resourceSchemaUrl: 'yyyyyyyy…[truncated]' });
  });

  it('refuses series whose labels are too many or too long, and counts samples', async () => {
    const { stored, intake } = setUp({ labelCount: 2, labelValueLength: 3 });
    const outcome = await intake.writeSamples([
      series({ a: '1', b: '2' }, [NOW, NOW + 1]),
      series({ a: '1', b: '2', c: '3' }),
      series({ a: '1234' }),
    ]);
    expect(outcome).toEqual({
      accepted: 2,
      rejected: [
        { reason: 'too_many_labels', count: 1 },
        { reason: 'label_too_long', count: 1 },
      ],
    });
    expect(stored.samples).toHaveLength(1);
  });

  it('stores all or nothing where asked to, naming the index', async () => {
    const { stored, intake } = setUp({ maxAgeMs: { logs: 1000 } });
    const write = intake.writeLogs([log(), log({ timeUnixNano: 1n })], { allOrNothing: true });
    await expect(write).rejects.toMatchObject({
      code: 'invalid',
      issues: [
        {
          path: '[1]',
          message: expect.stringMatching(/^the time lies further back than data is kept; compare the clocks/),
        },
      ],
    });
    expect(stored.logs).toEqual([]);
  });

  it('tells the sender to come again when too much is on its way', async () => {
    let release = () => {};
    const waiting = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { intake, pipeline } = setUp({ inFlight: { spans: 2, logs: 2, samples: 2 } }, () => waiting);
    const large = intake.writeSpans([span(), span(), span()]);
    await expect(intake.writeSpans([span()])).rejects.toMatchObject({ code: 'overloaded', retryAfterSeconds: 2 });
    await expect(Promise.race([intake.writeLogs([log()]), Promise.resolve('still open')])).resolves.toBe('still open');
    release();
    expect((await large).accepted).toBe(3);
    expect(pipeline.inFlight().spans).toBe(0);
    expect((await intake.writeSpans([span()])).accepted).toBe(1);
    expect(pipeline.stats()[0]).toMatchObject({ accepted: 4, failed: 1 });
  });

  it('turns an unforeseen failure of the store into one that senders try again', async () => {
    const { intake, pipeline } = setUp({}, () => Promise.reject(new Error('engine gone')));
    await expect(intake.writeSpans([span()])).rejects.toMatchObject({ code: 'unavailable', retryAfterSeconds: 5 });
    const known = new ServiceError('disk_full', 'no space');
    const full = setUp({}, () => Promise.reject(known));
    await expect(full.pipeline.sink('host').writeSamples([series({})])).rejects.toBe(known);
    expect(pipeline.stats()[0]).toMatchObject({ accepted: 0, failed: 1 });
  });

  it('writes nothing where nothing is left', async () => {
    const { intake, stored } = setUp();
    expect(await intake.writeLogs([log({ timeUnixNano: -1n })])).toMatchObject({ accepted: 0 });
    expect(stored.logs).toEqual([]);
  });

  it('counts nothing of a batch that turns out to be broken', async () => {
    const { intake, pipeline, stored } = setUp();
    const broken = {
      length: 3,
      forEach(take: (item: LogRecord) => void) {
        take(log());
        take(log({ timeUnixNano: -1n }));
        throw new ServiceError('malformed', 'it ends too early');
      },
    };
    await expect(intake.writeLogs(broken)).rejects.toMatchObject({ code: 'malformed' });
    expect(pipeline.stats()[1]).toMatchObject({ accepted: 0, rejected: {}, failed: 0, examples: [] });
    expect(stored.logs).toEqual([]);
  });
});
