import { createSocket } from 'node:dgram';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createIngestServer, type IngestServer, seriesText } from '../../../../tests/support/ingest-server.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { StatsdAggregate } from './aggregate.ts';
import { parseStatsdLine } from './parse-line.ts';
import { StatsdReceiver } from './statsd-receiver.ts';

const NOW = Date.UTC(2026, 10, 23);

function flush(...lines: string[]): Record<string, number[]> {
  const aggregate = new StatsdAggregate();
  for (const line of lines) aggregate.add(parseStatsdLine(line)!, NOW);
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

  it('goes on counting after a flush, and forgets what nobody touches', () => {
    const aggregate = new StatsdAggregate();
    aggregate.add(parseStatsdLine('a:1|c')!, NOW);
    aggregate.flush(NOW, NOW - 10_000);
    aggregate.add(parseStatsdLine('a:2|c')!, NOW + 1);
    expect(seriesText(aggregate.flush(NOW + 10_000, NOW))).toEqual({ a_total: [3] });
    expect(aggregate.flush(NOW + 3_700_000, NOW)).toEqual([]);
  });

  it.each(['', 'a', 'a:|c', 'a:x|c', 'a:1', 'a:1|q', ':1|c', 'a:1|c|@0', 'a:1|c|@2', 'a:1e999|g'])(
    'refuses %j',
    (line) => {
      expect(parseStatsdLine(line)).toBeUndefined();
    },
  );

  it('survives any line', () => {
    const parts = fc.constantFrom('a', ':', '1', '|', 'c', 'g', 'ms', 's', '@', '0.5', '#', ',', '-', 'é', '__proto__');
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 14 }), (words) => {
        const metric = parseStatsdLine(words.join(''));
        const aggregate = new StatsdAggregate();
        if (metric) aggregate.add(metric, NOW);
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
    await sendUntil('depth:4|g\nnonsense\n', () => expect(stored()).toEqual({ depth: [4] }));
    socket.close();
    await statsd.stop();
    const stats = server.pipeline.stats().find(({ source, signal }) => source === 'statsd' && signal === 'samples');
    expect(stats!.rejected.invalid_line).toBeGreaterThan(0);
  });
});
