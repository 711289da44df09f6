import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { logOf } from '../../../tests/support/log-builder.ts';
import { type SpanWords, spanOf } from '../../../tests/support/span-builder.ts';
import { ConfigMap } from '../lib/config-map.ts';
import type { Issue } from '../model/errors.ts';
import { collect } from '../model/flow.ts';
import type { LogRecord } from '../model/log-record.ts';
import type { SeriesSamples } from '../model/metric.ts';
import type { Span } from '../model/span.ts';
import { createPipeline } from './pipeline.ts';
import { readPipelineRules } from './pipeline-rules.ts';

const NOW = Date.UTC(2026, 10, 23);
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

function setUp(yaml: string) {
  const problems: Issue[] = [];
  const rules = readPipelineRules(new ConfigMap(parse(yaml), '', problems));
  expect(problems).toEqual([]);
  const stored = { spans: [] as Span[], logs: [] as LogRecord[], samples: [] as SeriesSamples[] };
  const pipeline = createPipeline({
    spans: { writeSpans: async (items) => void stored.spans.push(...collect(items)) },
    logs: { writeLogs: async (items) => void stored.logs.push(...collect(items)) },
    samples: { writeSamples: async (items) => void stored.samples.push(...items) },
    clock: { now: () => NOW, setTimer: () => ({ cancel() {} }) },
    logger: quiet,
    rules,
  });
  return { stored, pipeline, intake: pipeline.intake('otlp') };
}

function log(body: string, severityNumber = 9, attributes = {}, service = 'shop'): LogRecord {
  return logOf({
    at: NOW,
    body,
    severityNumber,
    severityText: '',
    attributes,
    service,
    resourceAttributes: { 'service.name': service },
  });
}

function span(name: string, fields: Partial<SpanWords> = {}): Span {
  return spanOf({ at: NOW, name, service: 'shop', ...fields });
}

function series(name: string, labels: Record<string, string>): SeriesSamples {
  return { name, labels, type: 'gauge', unit: '', help: '', timestamps: [NOW], values: [1] };
}

describe('the stages that the configuration asks for', () => {
  it('leave out what a filter matches; its sender hears of a success, and it is counted', async () => {
    const { stored, intake, pipeline } = setUp(`
      pipelines:
        logs:
          drop:
            - { service: shop, severity_below: info }
            - { attributes: { "http.route": "/health*" } }
            - { body: "^heart ?beat" }
        traces:
          drop: [{ name: "GET /health", attributes: { "http.response.status_code": "2*" } }]`);
    const outcome = await intake.writeLogs([
      log('a', 5),
      log('b', 5, {}, 'other'),
      log('c', 9, { 'http.route': '/healthz' }),
      log('heart beat'),
      log('no level', 0),
      log('DEBUG inferred', 0),
    ]);
    expect(outcome).toEqual({ accepted: 6, rejected: [] });
    expect(stored.logs.map(({ body }) => body)).toEqual(['b', 'no level']);
    const status = (code: string) => ({ attributes: { 'http.response.status_code': code } });
    await intake.writeSpans([span('GET /health', status('204')), span('GET /health', status('500')), span('GET /')]);
    expect(stored.spans).toHaveLength(2);
    const [spans, logs] = pipeline.stats();
    expect([spans, logs]).toMatchObject([
      { accepted: 2, dropped: { filter: 1 }, rejected: {} },
      { accepted: 2, dropped: { filter: 4 } },
    ]);
  });

  it('add attributes to resources, and never change what the sender said', async () => {
    const { stored, intake } = setUp(`
      pipelines:
        logs: { attributes: { region: eu, "service.name": other } }
      services:
        - { name: shop, owner: team-a, environment: production }`);
    await intake.writeLogs([log('a'), log('b', 9, {}, 'else')]);
    expect(stored.logs.map(({ resourceAttributes }) => resourceAttributes.toRecord())).toEqual([
      {
        'service.name': 'shop',
        region: 'eu',
        'service.owner': 'team-a',
        'deployment.environment.name': 'production',
      },
      { 'service.name': 'else', region: 'eu' },
    ]);
  });

  it('take secrets out of every place where they may be', async () => {
    const { stored, intake, pipeline } = setUp(`
      pipelines:
        logs: { redact: [{ presets: [passwords] }] }
        traces: { redact: [{ presets: [passwords, emails] }, { keys: [secret], action: delete }] }`);
    const secret = { secret: 's', kept: 'password=x' };
    await intake.writeLogs([log('password=hunter2', 9, { 'db.password': 'x' })]);
    await intake.writeSpans([
      span('mail ann@example.org', {
        statusMessage: 'password=y',
        attributes: secret,
        resourceAttributes: secret,
        scopeAttributes: secret,
        events: [{ timeUnixNano: 0n, name: 'to bob@example.org', attributes: secret }],
        links: [{ traceId: '3'.repeat(32), spanId: '4'.repeat(16), traceState: '', attributes: secret }],
      }),
    ]);
    expect(stored.logs[0]).toMatchObject({ body: 'password=[redacted]' });
    expect(stored.logs[0]!.attributes.toRecord()).toEqual({ 'db.password': '[redacted]' });
    const [stripped] = stored.spans;
    expect(stripped).toMatchObject({ name: 'mail [redacted]', statusMessage: 'password=[redacted]' });
    expect(stripped!.events[0]!.name).toBe('to [redacted]');
    for (const each of [stripped!, ...stripped!.events, ...stripped!.links]) {
      expect(each.attributes.toRecord()).toEqual({ kept: 'password=[redacted]' });
    }
    expect(stripped!.resourceAttributes.has('secret')).toBe(false);
    expect(stripped!.scopeAttributes!.has('secret')).toBe(false);
    expect(pipeline.stats().map(({ redacted }) => redacted)).toEqual([13, 2, 0]);
  });

  it('relabel and drop series as Prometheus does after a scrape', async () => {
    const { stored, intake, pipeline } = setUp(`
      pipelines:
        metrics:
          metric_relabel_configs:
            - { source_labels: [__name__], regex: "go_.*", action: drop }
            - { source_labels: [instance], target_label: host }
            - { source_labels: [__name__], regex: "old_(.*)", target_label: __name__, replacement: "new_$1" }
            - { action: labeldrop, regex: instance }`);
    const labels = { instance: 'a' };
    const batch = [series('go_threads', {}), series('old_depth', labels), series('old_size', labels)];
    expect(await intake.writeSamples(batch)).toEqual({ accepted: 3, rejected: [] });
    await intake.writeSamples(batch);
    expect(stored.samples.map(({ name, labels: after }) => [name, after])).toEqual([
      ['new_depth', { host: 'a' }],
      ['new_size', { host: 'a' }],
      ['new_depth', { host: 'a' }],
      ['new_size', { host: 'a' }],
    ]);
    expect(pipeline.stats()[2]).toMatchObject({ accepted: 4, dropped: { relabelling: 2 } });
  });

  it('hold the rates of a source, and count what they refuse', async () => {
    const { intake, pipeline } = setUp('pipelines: { limits: { sources: { otlp: { items_per_second: 1 } } } }');
    const sender = { key: 'agent', bytes: 10 };
    await intake.writeLogs(new Array(6).fill(log('a')), { sender });
    await expect(intake.writeLogs([log('a')], { sender })).rejects.toMatchObject({
      code: 'rate_limited',
      retryAfterSeconds: 2,
      message: 'more than 1 items a second from otlp; send again after 2 s',
    });
    await pipeline.intake('json').writeLogs([log('a')], { sender });
    await intake.writeLogs([log('a')]);
    expect(pipeline.stats()[1]).toMatchObject({ accepted: 7, rateLimited: 1 });
  });
});
