import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIngestServer, INGEST_NOW, type IngestServer } from '../../../../tests/support/ingest-server.ts';

let server: IngestServer;
beforeEach(async () => {
  server = await createIngestServer();
});
afterEach(() => server.app.close());

async function post(path: string, body: unknown, type = 'application/json') {
  const payload = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
  return server.app.inject({ method: 'POST', url: path, headers: { 'content-type': type }, payload });
}

function mistakes(answer: { json(): { errors: { path: string; message: string }[] } }): Record<string, string> {
  return Object.fromEntries(answer.json().errors.map(({ path, message }) => [path, message]));
}

describe('POST /api/logs', () => {
  it('takes one object and keeps unknown fields as attributes', async () => {
    const answer = await post('/api/logs', {
      timestamp: '2026-11-23T09:59:59.123456789Z',
      level: 'WARNING',
      service: 'shop',
      message: 'slow',
      trace_id: '0AF7651916CD43DD8448EB211C80319C',
      span_id: 'b7ad6b7169203331',
      attributes: { route: '/cart', nested: { a: [1] }, ok: true, none: null },
      region: 'eu',
      route: 'overridden',
    });
    expect([answer.statusCode, answer.json()]).toEqual([202, { accepted: 1 }]);
    expect(server.stored.logs).toEqual([
      {
        timeUnixNano: 1_795_427_999_123_456_789n,
        traceId: '0af7651916cd43dd8448eb211c80319c',
        spanId: 'b7ad6b7169203331',
        severityNumber: 13,
        severityText: 'WARNING',
        service: 'shop',
        body: 'slow',
        resourceAttributes: { 'service.name': 'shop' },
        scopeName: '',
        scopeVersion: '',
        attributes: { region: 'eu', route: '/cart', nested: '{"a":[1]}', ok: 'true', none: '' },
      },
    ]);
  });

  it('takes an array, and lines', async () => {
    expect((await post('/api/logs', [{ message: 'a' }, { message: 'ERROR b', level: null }])).json()).toEqual({
      accepted: 2,
    });
    const lines = '{"message":"c"}\n\n{"message":"d"}\r\n';
    expect((await post('/api/logs', lines, 'application/x-ndjson')).json()).toMatchObject({ accepted: 2 });
    expect(server.stored.logs.map(({ body }) => body)).toEqual(['a', 'ERROR b', 'c', 'd']);
    expect(server.stored.logs[0]).toMatchObject({
      timeUnixNano: BigInt(INGEST_NOW) * 1_000_000n,
      service: 'unknown_service',
      severityNumber: 0,
    });
    expect(server.stored.logs[1]!.severityNumber).toBe(17);
  });

  it.each([
    [1_795_428_000, 1_795_428_000_000_000_000n],
    [1_795_428_000.25, 1_795_428_000_250_000_000n],
    [1_795_428_000_123, 1_795_428_000_123_000_000n],
    [1_795_428_000_123_456, 1_795_428_000_123_456_000n],
    ['1795428000123456789', 1_795_428_000_123_456_789n],
    ['2026-11-23T12:00:00+02:00', 1_795_428_000_000_000_000n],
    [0, 0n],
  ])('reads the time %s', async (timestamp, expected) => {
    await post('/api/logs', { message: 'x', timestamp });
    expect(server.stored.logs[0]!.timeUnixNano).toBe(expected);
  });

  it('names every wrong field by its index and stores nothing', async () => {
    const answer = await post('/api/logs', [
      { message: 'good' },
      { message: 'x', level: 'loud', trace_id: 'abc' },
      { level: 'info', timestamp: 'yesterday' },
      'text',
      { message: 5, attributes: [] },
    ]);
    expect(answer.statusCode).toBe(422);
    expect(Object.keys(mistakes(answer))).toEqual([
      '[1].level',
      '[1].trace_id',
      '[2].timestamp',
      '[2].message',
      '[3]',
      '[4].message',
      '[4].attributes',
    ]);
    expect(mistakes(answer)['[1].level']).toBe('unknown level; use one of trace, debug, info, warn, error, fatal');
    expect(server.stored.logs).toEqual([]);
    expect(mistakes(await post('/api/logs', { message: '' }))).toEqual({ message: 'must not be empty' });
    expect(mistakes(await post('/api/logs', { level: 'info' }))).toEqual({ message: 'is missing: give a text' });
    expect(mistakes(await post('/api/logs', { message: 5 }))).toEqual({ message: 'must be a text, not a number' });
  });

  it('refuses times that cannot be stored, and stores nothing of the rest', async () => {
    const answer = await post('/api/logs', [{ message: 'a' }, { message: 'b', timestamp: '9999999999999999999' }]);
    expect([answer.statusCode, Object.keys(mistakes(answer))]).toEqual([422, ['[1]']]);
    expect(mistakes(answer)['[1]']).toContain('look whether the time is written in the unit that is meant');
    const alone = await post('/api/logs', { message: 'b', timestamp: '9999999999999999999' });
    expect(Object.keys(mistakes(alone))).toEqual(['body']);
    expect(server.stored.logs).toEqual([]);
  });

  it('counts every item that is wrong, so that the page Ingest shows them', async () => {
    await post('/api/logs', [{ message: 'good' }, {}, { message: 5 }]);
    await post('/api/monitoring/metrics', { name: 'a b', value: 1 });
    const counted = server.pipeline
      .stats()
      .filter(({ source, rejected }) => source === 'json' && rejected.invalid_item);
    expect(counted.map(({ signal, rejected, accepted }) => [signal, rejected, accepted])).toEqual([
      ['logs', { invalid_item: 2 }, 0],
      ['samples', { invalid_item: 1 }, 0],
    ]);
  });

  it('lists at most a hundred mistakes', async () => {
    const answer = await post('/api/logs', new Array(5000).fill({}));
    expect(answer.json().errors).toHaveLength(100);
  });

  it.each([
    ['application/json', '{"message":', 400],
    ['application/json', '', 400],
    ['application/x-ndjson', '{"message":\n{', 422],
    ['text/plain', 'hello', 415],
  ])('answers %s %s with %i', async (type, body, status) => {
    const answer = await post('/api/logs', body, type);
    expect(answer.statusCode).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(server.stored.logs).toEqual([]);
  });

  it('takes large bodies, not endless ones', async () => {
    const payload = gzipSync(JSON.stringify({ message: 'x'.repeat(17 * 1024 * 1024) }));
    const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
    expect((await server.app.inject({ method: 'POST', url: '/api/logs', headers, payload })).statusCode).toBe(413);
    expect((await post('/api/logs', { message: 'x'.repeat(15 * 1024 * 1024) })).statusCode).toBe(202);
  });
});

describe('POST /api/monitoring/metrics', () => {
  it('takes one sample and a list', async () => {
    const sample = {
      name: 'orders_total',
      value: 3,
      type: 'counter',
      unit: '',
      labels: { shop: 'a', empty: '' },
      timestamp: 1_795_428_000,
    };
    expect((await post('/api/monitoring/metrics', sample)).json()).toEqual({ accepted: 1 });
    expect((await post('/api/monitoring/metrics', [sample, { name: 'depth', value: -0.5 }])).statusCode).toBe(202);
    expect(server.stored.samples).toHaveLength(3);
    expect(server.stored.samples[0]).toEqual({
      name: 'orders_total',
      labels: { shop: 'a' },
      type: 'counter',
      unit: '',
      help: '',
      timestamps: [1_795_428_000_000],
      values: [3],
    });
    expect(server.stored.samples[2]).toMatchObject({ name: 'depth', type: 'gauge', timestamps: [INGEST_NOW] });
  });

  it('names every wrong field by its index and stores nothing', async () => {
    const answer = await post('/api/monitoring/metrics', [
      { name: 'good', value: 1 },
      { name: '1bad', value: 'NaN', typ: 'gauge' },
      { name: 'x', value: 1, type: 'histogram', labels: { __name__: 'y', 'a.b': 'c', n: 1 } },
    ]);
    expect(answer.statusCode).toBe(422);
    expect(Object.keys(mistakes(answer)).sort()).toEqual([
      '[1].name',
      '[1].typ',
      '[1].value',
      '[2].labels.__name__',
      '[2].labels.a.b',
      '[2].labels.n',
      '[2].type',
    ]);
    expect(mistakes(answer)['[1].typ']).toBe('unknown field; did you mean type?');
    expect(server.stored.samples).toEqual([]);
  });

  it('refuses numbers that JSON can write but no sample can hold', async () => {
    const answer = await post('/api/monitoring/metrics', '{"name":"x","value":1e999}');
    expect([answer.statusCode, mistakes(answer)]).toEqual([422, { value: 'must be a finite number' }]);
  });
});
