import { createSocket } from 'node:dgram';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIngestServer, type IngestServer, seriesText } from '../../../../tests/support/ingest-server.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { StatsdAggregate } from './aggregate.ts';
import { parseStatsdLine, type StatsdMetric } from './parse-line.ts';
import { StatsdReceiver } from './statsd-receiver.ts';

const NOW = Date.UTC(2026, 10, 23);

function metricOf(line: string): StatsdMetric {
  const metric = parseStatsdLine(line);
  if (typeof metric === 'string') throw new Error(`${metric}: ${line}`);
  return metric;
}

function flush(...lines: string[]): Record<string, number[]> {
  const aggregate = new StatsdAggregate();
  for (const line of lines) aggregate.add(metricOf(line), NOW);
  return seriesText(aggregate.flush(NOW, NOW - 10_000));
}

describe('StatsD', () => {
  it('adds up counters, with their sampling rate', () => {
    expect(flush('http.requests:1|c|#code:200,hot', 'http.requests:1|c|@0.1|#code:200,hot')).toEqual({
      'http_requests_total{code="200",hot="true"}': [0, 11],
    });
  });

  it('keeps the last value of gauges and their changes, and counts the members of sets', () => {
    expect(flush('g:10|g', 'g:-3|g', 'g:+1|g', 'users:ann|s', 'users:bob|s', 'users:ann|s')).toEqual({
      g: [8],
      users: [2],
    });
  });

  it('makes histograms of timers in seconds', () => {
    const series = flush('db.query:20:30|ms', 'db.query:70000|ms|@0.5');
    expect(series).toMatchObject({
      'db_query_seconds_bucket{le="0.01"}': [0, 0],
      'db_query_seconds_bucket{le="0.025"}': [0, 1],
      'db_query_seconds_bucket{le="60"}': [0, 2],
      'db_query_seconds_bucket{le="+Inf"}': [0, 4],
      db_query_seconds_count: [0, 4],
    });
    expect(series.db_query_seconds_sum![1]).toBeCloseTo(140.05);
  });

  it('makes histograms of anything, and of distributions, with buckets of 1, 2, 5', () => {
    const series = flush('size:3|h|@0.25|#kind:a', 'size:1500:0.0001|d|#kind:a|c:in-123|T1656581400');
    expect(series).toMatchObject({
      'size_bucket{kind="a",le="0.001"}': [0, 1],
      'size_bucket{kind="a",le="2"}': [0, 1],
      'size_bucket{kind="a",le="5"}': [0, 5],
      'size_bucket{kind="a",le="1000"}': [0, 5],
      'size_bucket{kind="a",le="2000"}': [0, 6],
      'size_bucket{kind="a",le="+Inf"}': [0, 6],
      'size_count{kind="a"}': [0, 6],
    });
    expect(series['size_sum{kind="a"}']![1]).toBeCloseTo(1512.0001);
  });

  it('keeps a gauge from flush to flush, and begins sets anew', () => {
    const aggregate = new StatsdAggregate();
    for (const line of ['g:10|g', 'users:ann|s', 'users:bob|s']) aggregate.add(metricOf(line), NOW);
    aggregate.flush(NOW, NOW - 10_000);
    for (const line of ['g:-4|g', 'users:ann|s']) aggregate.add(metricOf(line), NOW);
    expect(seriesText(aggregate.flush(NOW + 10_000, NOW))).toEqual({ g: [6], users: [1] });
  });

  it.each(['_e{5,4}:title|text|#a:b', '_sc|name|0|m:message'])('knows that %j is no metric', (line) => {
    expect(parseStatsdLine(line)).toBe('unsupported_line');
  });

  it('goes on counting after a flush, and forgets what nobody touches', () => {
    const aggregate = new StatsdAggregate();
    aggregate.add(metricOf('a:1|c'), NOW);
    aggregate.flush(NOW, NOW - 10_000);
    aggregate.add(metricOf('a:2|c'), NOW + 1);
    expect(seriesText(aggregate.flush(NOW + 10_000, NOW))).toEqual({ a_total: [3] });
    expect(aggregate.flush(NOW + 3_700_000, NOW)).toEqual([]);
  });

  it.each(['', 'a', 'a:|c', 'a:x|c', 'a:1', 'a:1|q', ':1|c', 'a:1|c|@0', 'a:1|c|@2', 'a:1e999|g'])(
    'refuses %j',
    (line) => {
      expect(parseStatsdLine(line)).toBe('invalid_line');
    },
  );

  it('survives any line', () => {
    const parts = fc.constantFrom('a', ':', '1', '|', 'c', 'g', 'ms', 's', '@', '0.5', '#', ',', '-', 'é', '__proto__');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 14 }), (words) => {
        const metric = parseStatsdLine(words.join(''));
        const aggregate = new StatsdAggregate();
        if (typeof metric !== 'string') aggregate.add(metric, NOW);
        for (const { values } of aggregate.flush(NOW, NOW - 1))
          for (const value of Array.from(values)) expect(value).not.toBeNaN();
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the receiver', () => {
  let server: IngestServer;
  beforeEach(async () => {
    server = await createIngestServer();
  });
  afterEach(() => server.app.close());

  it('takes datagrams and writes every ten seconds and at its end', async () => {
    const clock = new VirtualClock(NOW);
    const logger = { debug() {}, info() {}, warn() {}, error() {} };
    const statsd = new StatsdReceiver({ intake: server.pipeline.intake('statsd'), clock, logger });
    const port = await statsd.listen('127.0.0.1', 0);
    const socket = createSocket('udp4');
    const stored = () => seriesText(server.stored.samples);
    const sendUntil = async (text: string, check: () => void) => {
      await expect
        .poll(async () => {
          socket.send(text, port, '127.0.0.1');
          await clock.advance(10_000);
          return server.stored.samples.length;
        })
        .toBeGreaterThan(0);
      check();
    };
    await sendUntil('depth:4|g\r\nnonsense\n_sc|a|0\ndepth:4|g', () => expect(stored()).toEqual({ depth: [4] }));
    socket.close();
    await statsd.stop();
    const stats = server.pipeline.stats().find(({ source, signal }) => source === 'statsd' && signal === 'samples');
    expect(stats!.rejected).toEqual({
      invalid_line: expect.toSatisfy((count: number) => count > 0),
      unsupported_line: stats!.rejected.invalid_line,
    });
  });
});
