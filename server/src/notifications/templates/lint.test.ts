import { describe, expect, it } from 'vitest';
import { ConfigMap } from '../../lib/config-map.ts';
import type { Issue } from '../../model/errors.ts';
import { BUILT_IN } from './built-in.ts';
import { lintTemplate } from './lint.ts';
import { readTemplates } from './read-templates.ts';
import type { Template } from './template.ts';
import { pickVariant } from './variant.ts';

function lint(part: Partial<Template>) {
  return lintTemplate({ id: 'own', types: [], subject: 's', message: 'm', ...part });
}

describe('lintTemplate', () => {
  it('finds nothing in the predefined ones', () => {
    for (const template of BUILT_IN) expect(lintTemplate(template), template.id).toEqual([]);
  });

  it.each([
    [{ message: 'one\n two {{ x | shout }}' }, 'message', 2, 6, 'undefined filter: shout'],
    [{ subject: '{% if x %}' }, 'subject', 1, 1, 'tag {% if x %} not closed'],
    [
      { variants: [{ locale: 'de', message: '{% include "x" %}' }] },
      'variants[0].message',
      1,
      1,
      'tag "include" not found',
    ],
    [{ links: [{ label: 'a', url: '{{ a' }] }, 'links[0].url', 1, 1, 'output "{{ a" not closed'],
  ])('names the place of a mistake: %j', (part, field, line, column, message) => {
    expect(lint(part)).toEqual([{ level: 'error', field, line, column, message }]);
  });

  it('knows the variables of alerts, and those that a template declares', () => {
    expect(lint({ message: '{{ anything }}' })).toEqual([]);
    expect(lint({ types: ['alert.firing'], message: '{{ alert_name }} {{ alertname }}' })).toMatchObject([
      { level: 'warning', line: 1, message: 'unknown variable "alertname"; did you mean alert_name?' },
    ]);
    const variables = { model: { required: true } };
    const message = '{{ model }} {{ severity }} {% for m in event.items %}{{ m.a }}{% endfor %}\n{{ modle }}';
    expect(lint({ variables, message })).toMatchObject(
      [{ level: 'error', line: 2, message: /"modle"; did you mean model/ }].map((finding) => ({
        ...finding,
        message: expect.stringMatching(finding.message),
      })),
    );
  });
});

describe('pickVariant', () => {
  const variants = [{ locale: 'de' }, { locale: 'de', channel: 'sms' }, { channel: 'sms' }, { locale: 'de-AT' }];

  it.each([
    ['sms', 'de-AT', { locale: 'de-AT' }],
    ['sms', 'de-CH', { locale: 'de', channel: 'sms' }],
    ['email', 'DE', { locale: 'de' }],
    ['sms', 'fr', { channel: 'sms' }],
    ['sms', null, { channel: 'sms' }],
    ['email', 'fr', undefined],
    ['email', null, undefined],
  ])('of %s in %s', (channel, locale, expected) => {
    expect(pickVariant(variants, channel, locale)).toEqual(expected);
  });
});

describe('readTemplates', () => {
  function read(templates: unknown) {
    const issues: Issue[] = [];
    return { templates: readTemplates(new ConfigMap({ templates }, '', issues)), issues };
  }

  it('reads what a file says', () => {
    const one = {
      id: 'validated',
      types: ['validation'],
      subject: 'Model {{ model }}',
      message: 'Done',
      short_text: 'ok',
      variables: { model: { required: true, example: 'pump' } },
      variants: [{ locale: 'de', message: 'Fertig' }],
    };
    expect(read([one])).toEqual({
      issues: [],
      templates: [
        {
          id: 'validated',
          types: ['validation'],
          subject: 'Model {{ model }}',
          message: 'Done',
          shortText: 'ok',
          variables: { model: { required: true, example: 'pump' } },
          variants: [{ locale: 'de', message: 'Fertig' }],
        },
      ],
    });
  });

  it('tells every mistake with its place', () => {
    const { issues } = read([
      { id: 'alert.firing', subject: 'a', message: 'b' },
      { id: 'x', subject: '{{ a | b }}', message: 'm', colour: 'red' },
      { subject: 's', message: 'm', variants: [{ message: 'n' }] },
    ]);
    expect(issues.map(({ path }) => path)).toEqual([
      'templates[0].id',
      'templates[1].colour',
      'templates[1].subject',
      'templates[2].id',
      'templates[2].variants[0].channel',
    ]);
  });
});
