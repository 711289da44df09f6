import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { ConfigMap } from '../lib/config-map.ts';
import type { Issue } from '../model/errors.ts';
import { readPipelineRules } from './pipeline-rules.ts';

function read(yaml: string) {
  const issues: Issue[] = [];
  const rules = readPipelineRules(new ConfigMap(parse(yaml), '', issues));
  return { rules, problems: Object.fromEntries(issues.map(({ path, message }) => [path, message])) };
}

describe('the part pipelines of the configuration', () => {
  it('is empty where the file has none', () => {
    expect(read('port: 1')).toMatchObject({ problems: {}, rules: { relabel: [], logs: { drop: [] } } });
  });

  it('takes what the documentation shows', () => {
    const page = readFileSync(new URL('../../../docs/pipelines.md', import.meta.url), 'utf8');
    const [, example] = /```yaml\n(pipelines:[\s\S]+?)```/.exec(page)!;
    const { rules, problems } = read(example!);
    expect(problems).toEqual({});
    expect([rules.relabel.length, rules.logs.redact.length, rules.services.size]).toEqual([2, 3, 1]);
  });

  it('takes all of its forms', () => {
    const { rules, problems } = read(`
      pipelines:
        limits:
          sources: { otlp: { items_per_second: 1000, bytes_per_second: 5MB } }
          keys: { agent: { items_per_second: 10 } }
        metrics:
          metric_relabel_configs:
            - { source_labels: [__name__], regex: "go_.*", action: drop }
        traces:
          drop: [{ name: "GET /health*" }]
          redact: [{ presets: [authorization], action: hash }]
          attributes: { region: eu }
        logs:
          drop: [{ service: shop, severity_below: info, attributes: { "http.route": "/health" }, body: "^ping" }]
          redact: [{ keys: ["user.*"], values: ["secret-[a-z]+"], action: delete }]
      services:
        - { name: shop, owner: team-a, environment: production, attributes: { tier: gold } }`);
    expect(problems).toEqual({});
    expect(rules.sourceLimits).toEqual({ otlp: { itemsPerSecond: 1000, bytesPerSecond: 5 * 1024 * 1024 } });
    expect(rules.keyLimits).toEqual({ agent: { itemsPerSecond: 10, bytesPerSecond: undefined } });
    expect(rules.services.get('shop')).toEqual({
      tier: 'gold',
      'service.owner': 'team-a',
      'deployment.environment.name': 'production',
    });
    expect([rules.relabel, rules.spans.drop, rules.logs.redact].map(({ length }) => length)).toEqual([1, 1, 1]);
  });

  it('names every mistake by its field', () => {
    const { problems } = read(`
      pipelines:
        limit: {}
        limits:
          sources: { otpl: { items_per_second: 0 } }
        metrics:
          metric_relabel_configs: [{ action: explode }]
        traces:
          drop: [{}, { sevice: a }]
          redact: [{ presets: [passwort] }]
        logs:
          drop: [{ severity_below: loud }, { body: "(" }]
          redact: [{ action: burn }, { values: ["(?=a)", "x*"] }, { keys: a }]
      services:
        - { owner: a }
        - { name: b, health_url: "http://b" }`);
    expect(problems).toEqual({
      'pipelines.limit': 'unknown field; did you mean limits?',
      'pipelines.limits.sources.otpl': expect.stringContaining('is no source; use otlp'),
      'pipelines.limits.sources.otpl.items_per_second': 'use a whole number from 1',
      'pipelines.metrics.metric_relabel_configs[0].action': expect.stringContaining('"explode" is no action'),
      'pipelines.traces.drop[0].service': expect.stringContaining('would drop everything'),
      'pipelines.traces.drop[1].sevice': 'unknown field; did you mean service?',
      'pipelines.traces.drop[1].service': expect.stringContaining('would drop everything'),
      'pipelines.traces.redact[0].presets[0]': expect.stringContaining('use authorization, passwords'),
      'pipelines.logs.drop[0].severity_below': expect.stringContaining('"loud" is not known'),
      'pipelines.logs.drop[0].service': expect.stringContaining('would drop everything'),
      'pipelines.logs.drop[1].body': expect.stringContaining('is no RE2 expression'),
      'pipelines.logs.drop[1].service': expect.stringContaining('would drop everything'),
      'pipelines.logs.redact[0].action': expect.stringContaining('"burn" is not known; use mask, hash, delete'),
      'pipelines.logs.redact[0].keys': 'say what is secret: keys, values or presets',
      'pipelines.logs.redact[1].values[0]': expect.stringContaining('write an RE2 expression'),
      'pipelines.logs.redact[1].values[1]': expect.stringContaining('it matches the empty text'),
      'pipelines.logs.redact[2].keys': expect.stringContaining('expected a list'),
      'services[0].name': expect.stringContaining('needs its name'),
      'services[1].health_url': 'unknown field',
    });
  });
});
