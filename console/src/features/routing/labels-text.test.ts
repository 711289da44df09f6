import { expect, it } from 'vitest';
import { formatLabels, parseLabels } from './labels-text.ts';
import { countReceivers, readRoute } from './route-node.ts';

it('reads labels as people write them', () => {
  const f = (text: string, labels: Record<string, string>) => expect(parseLabels(text)).toEqual({ labels });
  f('', {});
  f('severity=critical', { severity: 'critical' });
  f('{severity="critical", team=data base}', { severity: 'critical', team: 'data base' });
  f('a="x, y=\\"z\\"",b=', { a: 'x, y="z"', b: '' });
  f('a=1\nb=2,\n', { a: '1', b: '2' });
  f(formatLabels({ host: 'db-1', note: 'a, "b"' }), { host: 'db-1', note: 'a, "b"' });
});

it('says what are no labels', () => {
  for (const text of ['severity', 'a=1, b', '="x"', 'a="b']) {
    expect(parseLabels(text)).toEqual({ fault: expect.stringContaining('write name=value') });
  }
});

it('draws routes with what they have from above', () => {
  const root = readRoute({
    receiver: 'ops',
    group_by: ['alertname'],
    routes: [
      { matchers: ['severity="critical"'], receiver: 'pager', routes: [{ matchers: ['team="db"', 'env="prod"'] }] },
      { matchers: ['severity="info"'], group_wait: '1m', mute_time_intervals: ['nights'] },
    ],
  });
  expect(root.children[0]!.children[0]).toMatchObject({
    key: '{}/{severity="critical"}/{team="db",env="prod"}',
    receiver: 'pager',
    groupBy: ['alertname'],
  });
  expect(root.children[1]).toMatchObject({ receiver: 'ops', timings: ['waits 1m'], mutedIn: ['nights'] });
  expect([...countReceivers(root)]).toEqual([
    ['ops', 2],
    ['pager', 2],
  ]);
});
