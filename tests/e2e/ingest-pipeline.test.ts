import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { startTestService, type TestService } from '../support/service.ts';

const CONFIGURATION = `
ingest_max_series_per_metric: 3
pipelines:
  limits:
    sources: { zipkin: { items_per_second: 1 } }
  metrics:
    metric_relabel_configs:
      - { source_labels: [__name__], regex: noise_.*, action: drop }
      - { source_labels: [host], target_label: node }
      - { action: labeldrop, regex: host }
  logs:
    drop: [{ service: chatty, severity_below: warn }]
    redact:
      - { presets: [passwords, emails] }
      - { keys: [user.id], action: hash }
services:
  - { name: shop, owner: team-a, environment: production }
`;

describe('the pipeline of the started service', () => {
  let service: TestService;
  let api: ReturnType<typeof apiOf>;
  const folder = mkdtempSync(join(tmpdir(), 'pipeline-'));

  beforeAll(async () => {
    const file = join(folder, 'system-service.yaml');
    writeFileSync(file, CONFIGURATION);
    service = await startTestService({ env: { CONFIG_FILE: file, REDACTION_KEY: 'a key for this test' } });
    api = apiOf(service.url);
  });
  afterAll(async () => {
    await service?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const samples = (...ids: number[]) => ids.map((id) => ({ name: 'wide', value: id, labels: { id: String(id) } }));
  const ingest = async () => (await api.get('/api/monitoring/ingest')).body;
  const sourceOf = async (source: string, signal: string) =>
    (await ingest()).sources.find(
      (each: { source: string; signal: string }) => each.source === source && each.signal === signal,
    );

  it('counts the requests that no receiver could read, by way in', async () => {
    const refusedBy = async (source: string, signal: string) =>
      Object.fromEntries(
        ((await sourceOf(source, signal))?.refused_requests ?? []).map(
          ({ reason, count }: { reason: string; count: number }) => [reason, count],
        ),
      );
    const send = async (path: string, body: string, headers: Record<string, string>) =>
      (await api.post(path, body, headers)).status;
    const json = { 'content-type': 'application/json' };
    const gzip = { ...json, 'content-encoding': 'gzip' };
    const statuses = [
      await send('/v1/logs', '{', json),
      await send('/v1/logs', '{}', { 'content-type': 'text/csv' }),
      await send('/v1/traces', 'no gzip', gzip),
      await send('/v1/metrics', ' '.repeat(21 * 1024 ** 2), json),
      await send('/api/v1/write', 'no snappy', { 'content-type': 'application/x-protobuf' }),
      await send('/metrics/job/a', '1 2 3\n', { 'content-type': 'text/plain' }),
      await send('/api/v2/spans', '{}', json),
      await send('/api/logs', 'no gzip', { ...gzip, 'content-type': 'application/x-ndjson' }),
    ];
    expect(statuses).toEqual([400, 415, 400, 413, 400, 400, 400, 400]);
    expect(await refusedBy('otlp', 'logs')).toEqual({ malformed: 1, unsupported_media_type: 1 });
    expect(await refusedBy('otlp', 'spans')).toEqual({ malformed: 1 });
    expect(await refusedBy('otlp', 'samples')).toEqual({ too_large: 1 });
    expect(await refusedBy('remote-write', 'samples')).toEqual({ malformed: 1 });
    expect(await refusedBy('push', 'samples')).toEqual({ malformed: 1 });
    expect(await refusedBy('zipkin', 'spans')).toEqual({ malformed: 1 });
    expect(await refusedBy('json', 'logs')).toEqual({ malformed: 1 });
  });

  it('refuses new series of a full metric, and takes known ones', async () => {
    expect((await api.post('/api/monitoring/metrics', samples(1, 2, 3))).status).toBe(202);
    const refused = await api.post('/api/monitoring/metrics', samples(3, 4));
    expect([refused.status, refused.body.errors]).toEqual([
      422,
      [{ path: '[1]', message: expect.stringContaining('wide: the limit is 3, INGEST_MAX_SERIES_PER_METRIC') }],
    ]);
    expect((await api.post('/api/monitoring/metrics', samples(1, 2, 3))).status).toBe(202);
    expect(await sourceOf('json', 'samples')).toMatchObject({
      accepted: 6,
      rejected: [{ reason: 'per_metric_series_limit', count: 1 }],
    });
    expect((await ingest()).series).toMatchObject({ per_metric_limit: 3, count: expect.any(Number) });
    expect(service.output().match(/"source":"json".*items were refused because of a limit/g)).toHaveLength(1);
  });

  it('relabels and drops metrics', async () => {
    const batch = [
      { name: 'noise_a', value: 1 },
      { name: 'signal_a', value: 2, labels: { host: 'one' } },
    ];
    expect((await api.post('/api/monitoring/metrics', batch)).body).toEqual({ accepted: 2 });
    const { series } = (await api.get('/api/monitoring/metrics/signal_a')).body;
    expect(series).toMatchObject([{ labels: { node: 'one' }, value: 2 }]);
    expect(series[0].labels).not.toHaveProperty('host');
    expect((await api.get('/api/monitoring/metrics/noise_a')).status).toBe(404);
  });

  it('drops, enriches and redacts logs before anything is stored', async () => {
    const records = [
      { service: 'chatty', level: 'info', message: 'bla' },
      { service: 'chatty', level: 'error', message: 'failed' },
      { service: 'shop', message: 'login ann@example.org password=hunter2', attributes: { 'user.id': '17' } },
    ];
    expect((await api.post('/api/logs', records)).body).toEqual({ accepted: 3 });
    const items = await eventually(async () => {
      const found = (await api.get('/api/logs')).body.items;
      expect(found).toHaveLength(2);
      return found;
    });
    const shop = items.find((item: { service: string }) => item.service === 'shop');
    expect(shop).toMatchObject({
      message: 'login [redacted] password=[redacted]',
      attributes: { 'user.id': expect.stringMatching(/^hmac:[0-9a-f]{16}$/) },
      resource: { 'service.owner': 'team-a', 'deployment.environment.name': 'production' },
    });
    expect((await api.get('/api/logs?environment=production')).body.items).toHaveLength(1);
    expect(await sourceOf('json', 'logs')).toMatchObject({ dropped: [{ reason: 'filter', count: 1 }], redacted: 2 });
    const answer = await fetch(`${service.url}/metrics`);
    const metrics = await answer.text();
    expect(metrics).toMatch(/system_service_ingest_dropped_total\{[^}]*reason="filter"[^}]*\} 1/);
    expect(metrics).toMatch(/system_service_ingest_redacted_total\{[^}]*signal="logs"[^}]*\} 2/);
    expect(JSON.stringify(await ingest()) + service.output() + metrics).not.toContain('hunter2');
  });

  it('holds the rate of a source and says when to come again', async () => {
    const span = { traceId: '1'.repeat(32), id: '2'.repeat(16), timestamp: Date.now() * 1000, duration: 1 };
    expect((await api.post('/api/v2/spans', new Array(8).fill(span))).status).toBe(202);
    const refused = await api.post('/api/v2/spans', [span]);
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([429, expect.toSatisfy((s) => s > 0)]);
    expect(await sourceOf('zipkin', 'spans')).toMatchObject({
      accepted: 8,
      rate_limited: 1,
      limits: { items_per_second: 1, bytes_per_second: null },
    });
  });

  it('shows how far the write path is', async () => {
    expect((await ingest()).write_path).toMatchObject({
      acknowledge: 'log',
      fsync: '1s',
      log: { failure: null, damaged_rows: 0 },
      disk: { exhausted: false },
    });
  });
});
