import { describe, expect, it } from 'vitest';
import { parseRuleFile } from './parse-rule-file.ts';

const problemsOf = (text: string) => parseRuleFile(text).problems.map(({ line, message }) => `${line}: ${message}`);
const alert = (fields: string) => `groups: [{name: g, rules: [{alert: A, expr: up, ${fields}}]}]`;
const record = (fields: string) => `groups: [{name: g, rules: [{record: a, expr: up, ${fields}}]}]`;

describe('a rule file, judged as promtool check rules does', () => {
  it.each([
    'groups: [{name: g, rules: [&r {alert: A, expr: up, for: 1m}, {<<: *r, for: 5m}, {<<: [*r], alert: B}]}]',
    'groups: [{name: g, limit: -1, interval: 0s, rules: }]',
    record('for: 0s, keep_firing_for: , annotations: {}'),
    alert('for: 292y'),
    alert(`labels: {a: "{{ 'x' }}"}`),
  ])('takes %s', (text) => expect(problemsOf(text)).toEqual([]));

  it.each([
    [alert("for: ''"), '1: empty duration string'],
    [alert('for: 293y'), '1: duration out of range'],
    [alert(`labels: {a: "{{ 'xy' }}"}`), '1: template: __alert_A:1: invalid syntax'],
    [record('for: 5m'), "1: invalid field 'for' in recording rule"],
    [record('annotations: {a: b}'), "1: invalid field 'annotations' in recording rule"],
    ['groups:\n- name: g\n  limit: many\n', '3: limit: expected a whole number, not "many"'],
    ['groups: [{name: g, rules: [{<<: 5}]}]', '1: <<: expected a map'],
  ])('refuses %s', (text, message) => expect(problemsOf(text).join()).toContain(message));

  it('merges what another map says below what a map says itself', () => {
    const { file } = parseRuleFile('groups: [{name: g, rules: [&r {alert: A, expr: up, for: 1m}, {<<: *r, for: 5m}]}]');
    expect(file.groups[0]!.rules).toMatchObject([
      { name: 'A', forMs: 60_000 },
      { name: 'A', forMs: 300_000 },
    ]);
  });
});
