import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  createIngestServer,
  INGEST_NOW,
  type IngestServer,
  seriesText,
} from '../../../../tests/support/ingest-server.ts';
import { STALE_MARKER_BITS } from '../../model/stale-marker.ts';

let server: IngestServer;
beforeEach(async () => {
  server = await createIngestServer();
});
afterEach(() => server.app.close());

function push(method: 'POST' | 'PUT' | 'DELETE', url: string, payload?: string, type = 'text/plain') {
  return server.app.inject({
    method,
    url,
    ...(payload !== undefined && { payload, headers: { 'content-type': type } }),
  });
}

const ended = () =>
  server.stored.samples
    .filter(
      ({ values }) => values instanceof Float64Array && new BigUint64Array(values.buffer)[0] === STALE_MARKER_BITS,
    )
    .map(({ name }) => name);

describe('pushed metrics', () => {
  it('are stored with the labels of the path at the time of their arrival', async () => {
    const body = '# TYPE backup_bytes gauge\n# HELP backup_bytes Size.\nbackup_bytes{job="own",disk="a"} 5\n';
    const answer = await push('POST', '/metrics/job/backup/instance/a%2Fb/zone/', body);
    expect([answer.statusCode, answer.body]).toEqual([422, expect.stringContaining('has no value')]);
    expect((await push('POST', '/metrics/job/backup/instance/a%2Fb', body)).statusCode).toBe(200);
    expect(seriesText(server.stored.samples)).toEqual({
      'backup_bytes{disk="a",instance="a/b",job="backup"}': [5],
    });
    expect(server.stored.samples[0]).toMatchObject({ type: 'gauge', help: 'Size.', timestamps: [INGEST_NOW] });
  });

  it('take labels in base64 and OpenMetrics', async () => {
    const path = `/metrics/job@base64/${Buffer.from('a/b').toString('base64url')}/empty@base64/=`;
    const answer = await push('PUT', path, 'x 1\n# EOF\n', 'application/openmetrics-text; version=1.0.0');
    expect(answer.statusCode).toBe(200);
    expect(seriesText(server.stored.samples)).toEqual({ 'x{job="a/b"}': [1] });
  });

  it('carry exemplars, and the start of what counts', async () => {
    const created = INGEST_NOW / 1000 - 60;
    const body = `# TYPE a counter
a_total{x="1"} 5 # {trace_id="ab"} 0.5 ${created}
a_created{x="1"} ${created}
# TYPE h histogram
h_bucket{le="1"} 1
h_bucket{le="+Inf"} 2 # {} 7
h_count 2
h_sum 8
h_created ${created}
# TYPE g gauge
g 1
# EOF
`;
    expect((await push('POST', '/metrics/job/j', body, 'application/openmetrics-text')).statusCode).toBe(200);
    const started = server.stored.samples.filter(({ startTimestamps }) => startTimestamps);
    expect(started.map(({ name }) => name)).toEqual(['a_total', 'h_bucket', 'h_bucket', 'h_count', 'h_sum']);
    expect(started.every(({ startTimestamps }) => startTimestamps![0] === created * 1000)).toBe(true);
    expect(server.stored.samples.flatMap(({ exemplars = [] }) => exemplars)).toEqual([
      { labels: { trace_id: 'ab' }, value: 0.5, timestamp: created * 1000 },
      { labels: {}, value: 7, timestamp: INGEST_NOW },
    ]);
    expect(seriesText(server.stored.samples)['a_created{job="j",x="1"}']).toEqual([created]);
    await push('DELETE', '/metrics/job/j');
    expect(ended()).toHaveLength(8);
  });

  it('end where a group has them no more', async () => {
    await push('POST', '/metrics/job/j', 'a 1\nb 1\n');
    await push('POST', '/metrics/job/j', 'c 1\n');
    expect(ended()).toEqual([]);
    await push('PUT', '/metrics/job/j', 'a 2\n');
    expect(ended()).toEqual(['b', 'c']);
    expect((await push('DELETE', '/metrics/job/j')).statusCode).toBe(202);
    expect(ended()).toEqual(['b', 'c', 'a']);
    await push('DELETE', '/metrics/job/j');
    expect(ended()).toHaveLength(3);
  });

  it.each([
    ['a broken line', '/metrics/job/j', 'good 1\nbad', 'text/plain', 400],
    ['a text that was cut', '/metrics/job/j', 'good 1\ngood_2 1', 'text/plain', 400],
    ['a timestamp', '/metrics/job/j', 'a 1 1700000000000\n', 'text/plain', 400],
    ['a series twice', '/metrics/job/j', 'a{b="1"} 1\na{b="1"} 2\n', 'text/plain', 400],
    ['a series twice by the labels of the path', '/metrics/job/j', 'a{job="1"} 1\na 2\n', 'text/plain', 400],
    ['protobuf', '/metrics/job/j', 'x', 'application/vnd.google.protobuf', 415],
    ['a reserved label', '/metrics/job/j/__name__/x', 'a 1\n', 'text/plain', 422],
    ['a label twice', '/metrics/job/j/job/x', 'a 1\n', 'text/plain', 422],
  ])('refuse %s', async (_, path, body, type, status) => {
    expect((await push('POST', path, body, type)).statusCode).toBe(status);
    expect(server.stored.samples).toEqual([]);
  });

  it('survive any path and body', async () => {
    const parts = fc.constantFrom('a', '1', '/', '@base64', '%2F', '%', '=', '_', 'é');
    const bodies = fc.constantFrom('a 1\n', 'a', '', '# TYPE a gauge\n', 'a{b="c"} 2\n');
    await fc.assert(
      fc.asyncProperty(fc.array(parts, { maxLength: 8 }), bodies, async (path, body) => {
        const answer = await push(
          'PUT',
          `/metrics/job/${path.map((part) => (part === 'é' ? '%C3%A9' : part)).join('')}`,
          body,
        );
        expect([200, 400, 404, 422]).toContain(answer.statusCode);
      }),
      { numRuns: 300 },
    );
  });
});
