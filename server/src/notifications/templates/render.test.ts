import { describe, expect, it } from 'vitest';
import { Templates } from './render.ts';
import type { Template } from './template.ts';

const FACTS = {
  alert_id: 'r1',
  alert_name: 'High CPU Usage',
  description: 'CPU usage above 90%',
  service: 'data-processing',
  labels: { service: 'data-processing', host: 'a<b>' },
  value: 93.456789,
  operator: '>',
  threshold: 90,
  started_at: '2026-01-05T12:00:00.000Z',
  ended_at: null,
  duration: '7m12s',
  alert_url: 'http://localhost:8013/alerts/r1',
};

function broken(part: Partial<Template>): Templates {
  return new Templates([{ id: 'own', types: [], subject: 's', message: 'm', ...part }]);
}

describe('Templates', () => {
  it('says everything about an alert that fires', () => {
    const { content, template, error } = new Templates().render({
      type: 'alert.firing',
      severity: 'warning',
      data: FACTS,
    });
    expect({ template, error }).toEqual({ template: 'alert.firing', error: undefined });
    expect(content).toEqual({
      subject: '[warning] High CPU Usage on data-processing',
      mailSubject: 'Alert: High CPU Usage on data-processing',
      message: 'CPU usage above 90%',
      shortText: 'WARNING High CPU Usage on data-processing: 93.46 (> 90)',
      facts: [
        { name: 'Service', value: 'data-processing' },
        { name: 'Severity', value: 'warning' },
        { name: 'Value', value: '93.46 (> 90)' },
        { name: 'Since', value: '2026-01-05T12:00:00.000Z' },
        { name: 'host', value: 'a<b>' },
      ],
      links: [{ label: 'Open the alert', url: 'http://localhost:8013/alerts/r1' }],
      good: false,
    });
  });

  it('says that an alert is over, under the same mail subject', () => {
    const { content } = new Templates().render({ type: 'alert.resolved', severity: 'warning', data: FACTS });
    expect(content).toMatchObject({
      subject: '[resolved] High CPU Usage on data-processing',
      mailSubject: 'Alert: High CPU Usage on data-processing',
      message: 'Resolved after 7m12s. CPU usage above 90%',
      shortText: 'RESOLVED High CPU Usage on data-processing after 7m12s',
      good: true,
    });
  });

  it('leaves out what an alert does not have', () => {
    const data = { alert_name: 'Backup missed', service: '', value: null, threshold: null };
    const { content } = new Templates().render({ type: 'alert.firing', severity: 'error', data });
    expect(content).toMatchObject({ subject: '[error] Backup missed', message: '[error] Backup missed' });
    expect(content.facts).toEqual([{ name: 'Severity', value: 'error' }]);
    expect(content.links).toEqual([]);
  });

  it('takes the finished text of the caller as it is, Liquid included', () => {
    const request = { type: 'x', severity: 'info', subject: 'a {{ b }}', message: '{% if %}', data: {} };
    const { content, error } = new Templates().render(request);
    expect(error).toBeUndefined();
    expect(content).toMatchObject({ subject: 'a {{ b }}', message: '{% if %}' });
  });

  it('makes a subject of the first line where there is none', () => {
    const { content } = new Templates().render({ type: 'x', severity: 'info', message: 'one\ntwo', data: {} });
    expect(content).toMatchObject({ subject: 'one', message: 'one\ntwo', shortText: 'one: one\ntwo' });
  });

  it.each([
    ['a syntax error', { message: '{% if %}' }],
    ['an unknown filter', { message: '{{ alert_name | explode }}' }],
    ['a file to include', { message: '{% include "/etc/passwd" %}' }],
    ['a file to render', { message: '{% render "/etc/passwd" %}' }],
    ['a layout', { message: '{% layout "/etc/passwd" %}' }],
    [
      'a loop without end',
      { message: '{% for i in (1..100000000) %}{% for j in (1..100000000) %}x{% endfor %}{% endfor %}' },
    ],
    [
      'nested loops',
      {
        message:
          '{% for i in (1..1000) %}{% for j in (1..1000) %}{% for k in (1..1000) %}{% endfor %}{% endfor %}{% endfor %}',
      },
    ],
    [
      'too much memory',
      { message: '{% assign a = "x" %}{% for i in (1..40) %}{% assign a = a | append: a %}{% endfor %}{{ a }}' },
    ],
    ['too long a template', { message: 'x'.repeat(100_000) }],
  ])('gives way to the built-in template: %s', (_name, part) => {
    const request = { type: 'alert.firing', severity: 'warning', template: 'own', data: FACTS };
    const { content, template, error } = broken(part).render(request);
    expect(error).toMatch(/^the template "own" cannot be rendered: /);
    expect(template).toBe('alert.firing');
    expect(content.subject).toBe('[warning] High CPU Usage on data-processing');
  });

  it('gives way where there is no such template', () => {
    const { template, error } = new Templates().render({
      type: 'x',
      severity: 'info',
      template: 'none',
      message: 'm',
      data: {},
    });
    expect({ template, error }).toEqual({ template: 'plain', error: 'there is no template "none"' });
  });

  it('shows nothing of prototypes', () => {
    const { content } = broken({ message: '[{{ labels.constructor }}{{ __proto__ }}{{ labels.toString }}]' }).render({
      type: 'x',
      severity: 'info',
      template: 'own',
      data: { labels: {} },
    });
    expect(content.message).toBe('[]');
  });

  it('keeps only links that are links', () => {
    const data = { ...FACTS, runbook_url: 'javascript:alert(1)' };
    const { content } = new Templates().render({ type: 'alert.firing', severity: 'info', data });
    expect(content.links.map((link) => link.label)).toEqual(['Open the alert']);
  });
});
