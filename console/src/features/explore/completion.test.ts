import { expect, it } from 'vitest';
import { complete, completionAt } from './completion.ts';

/** The caret is the `|`. */
const at = (marked: string) => completionAt(marked.replace('|', ''), marked.indexOf('|'));

it('knows what may stand at the caret', () => {
  const f = (marked: string, expected: object) => expect(at(marked)).toMatchObject(expected);
  f('host_c|', { kind: 'metric', word: 'host_c', from: 0 });
  f('sum(rate(ho|', { kind: 'metric', word: 'ho', from: 9 });
  f('up{|}', { kind: 'label', metric: 'up', word: '' });
  f('up{job="a", ins|', { kind: 'label', metric: 'up', word: 'ins' });
  f('{ins|', { kind: 'label', metric: undefined, word: 'ins' });
  f('up{job=~"pro|"}', { kind: 'value', metric: 'up', label: 'job', word: 'pro' });
  f('sum by (mo|) (rate(host_cpu_seconds_total[5m]))', { kind: 'label', metric: 'host_cpu_seconds_total', word: 'mo' });
  f('sum by (host, |) (up)', { kind: 'label', word: '' });
});

it('proposes nothing in durations, texts, and after one letter', () => {
  for (const marked of ['rate(up[5m|', 'label_replace(up, "ab|', 'u|', 'up{job="a"|', '3|']) {
    expect(at(marked)).toBeUndefined();
  }
});

it('puts in what was chosen, with what follows it', () => {
  const f = (marked: string, chosen: string, expected: string) => {
    const text = marked.replace('|', '');
    const done = complete(text, at(marked)!, chosen);
    expect(`${done.text.slice(0, done.caret)}|${done.text.slice(done.caret)}`).toBe(expected);
  };
  f('sum(ho|)', 'host_load1', 'sum(host_load1|)');
  f('up{jo|}', 'job', 'up{job="|}');
  f('up{jo|="a"}', 'job', 'up{job|="a"}');
  f('up{job="pr|', 'prometheus', 'up{job="prometheus"|');
  f('up{job="pr|"}', 'prometheus', 'up{job="prometheus|"}');
  f('sum by (h|) (up)', 'host', 'sum by (host|) (up)');
});
