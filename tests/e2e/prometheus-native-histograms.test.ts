import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../server/src/app/free-port.ts';
import { ProtobufWriter } from '../../server/src/lib/protobuf-writer.ts';
import { eventually } from '../support/eventually.ts';
import { missingPrometheus, startPrometheus } from '../support/prometheus-server.ts';
import { startTestService } from '../support/service.ts';

/**
 * A real Prometheus scrapes native histograms and exemplars and remote-writes them into the started service; both then
 * answer the same questions.
 */
const missing = missingPrometheus();
const COUNTER = 0;
const HISTOGRAM = 4;

const configuration = (target: string, serviceUrl: string) => `
global: {scrape_interval: 500ms, scrape_timeout: 500ms}
scrape_configs:
  - {job_name: app, static_configs: [{targets: ['${target}']}]}
remote_write:
  - url: ${serviceUrl}/api/v1/write
    send_native_histograms: true
    send_exemplars: true
    queue_config: {batch_send_deadline: 500ms}
`;

const stops: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const message = (build: (writer: ProtobufWriter) => unknown): Buffer => {
  const writer = new ProtobufWriter();
  build(writer);
  return writer.finish();
};

const zigzag = (value: number) => (value < 0 ? -2 * value - 1 : 2 * value);
const span = (offset: number, length: number) => message((w) => w.varint(1, zigzag(offset)).varint(2, length));
const label = (name: string, value: string) => message((w) => w.string(1, name).string(2, value));

/** io/prometheus/client/metrics.proto, delimited. */
function exposition(scrape: number, now: number): Buffer {
  const exemplar = message((w) =>
    w
      .bytes(1, label('trace_id', 'abc'))
      .double(2, 1)
      .bytes(
        3,
        message((time) => time.varint(1, Math.floor(now / 1000)).varint(2, (now % 1000) * 1_000_000)),
      ),
  );
  const family = (name: string, type: number, metric: Buffer) =>
    message((w) => w.string(1, name).string(2, 'help').varint(3, type).bytes(4, metric));
  const counter = message((w) =>
    w.bytes(
      3,
      message((c) => c.double(1, scrape).bytes(2, exemplar)),
    ),
  );
  const histogram = message((w) =>
    w.bytes(1, label('path', '/')).bytes(
      7,
      message((h) => {
        h.varint(1, 9 * scrape).double(2, -3.5 * scrape);
        h.varint(5, zigzag(2)).double(6, 0.001).varint(7, scrape);
        h.bytes(9, span(-3, 1)).varint(10, zigzag(2 * scrape));
        h.bytes(12, span(0, 2)).bytes(12, span(4, 1));
        for (const delta of [scrape, 0, 3 * scrape]) h.varint(13, zigzag(delta));
      }),
    ),
  );
  const families = [family('hits_total', COUNTER, counter), family('latency', HISTOGRAM, histogram)];
  return Buffer.concat(families.flatMap((one) => [message((w) => w.bytes(1, one)).subarray(1)]));
}

describe.skipIf(missing)('a real Prometheus with native histograms', () => {
  it('answers the same as the service that it writes to', async () => {
    const service = await startTestService();
    stops.push(() => service.stop());
    let scrapes = 0;
    const app = createServer((_, response) => {
      response.setHeader(
        'content-type',
        'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
      );
      response.end(exposition(++scrapes, Date.now()));
    });
    await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve));
    stops.push(() => new Promise((resolve) => app.close(resolve)));
    const target = `127.0.0.1:${(app.address() as AddressInfo).port}`;
    const prometheus = await startPrometheus(await freePort('127.0.0.1'), () => configuration(target, service.url), [
      'native-histograms',
      'exemplar-storage',
    ]);
    stops.push(() => prometheus.stop());

    const ask = async (url: string, path: string, parameters: Record<string, string>) => {
      const answer = await fetch(`${url}${path}?${new URLSearchParams(parameters)}`);
      return (await answer.json()) as { status: string; data: { result: unknown[] } };
    };
    const both = async (path: string, parameters: Record<string, string>) => ({
      theirs: await ask(`http://${prometheus.address}`, path, parameters),
      ours: await ask(service.url, path, parameters),
    });
    // A time before which nothing is on its way any more.
    const time = await eventually(async () => {
      const candidate = String(Date.now() / 1000 - 2);
      const { theirs } = await both('/api/v1/query', { query: 'count_over_time(hits_total[1m]) > 3', time: candidate });
      expect(theirs.data.result).toHaveLength(1);
      return candidate;
    });
    // No quantiles and rates: before version 3 they were estimated in another way.
    const queries = [
      'latency',
      'latency[1h]',
      'histogram_count(latency)',
      'histogram_sum(latency)',
      'sum(latency)',
      'hits_total',
    ];
    await eventually(async () => {
      for (const query of queries) {
        const { theirs, ours } = await both('/api/v1/query', { query, time });
        expect(theirs.data.result.length, query).toBe(1);
        expect(ours.data, query).toEqual(theirs.data);
      }
      const start = String(Number(time) - 2);
      const { theirs, ours } = await both('/api/v1/query_range', { query: 'latency', start, end: time, step: '0.5' });
      expect(ours.data).toEqual(theirs.data);
      const exemplars = await both('/api/v1/query_exemplars', { query: 'hits_total', start, end: time });
      expect(exemplars.theirs.data).toHaveLength(1);
      expect(exemplars.ours).toEqual(exemplars.theirs);
    });
  });
});
