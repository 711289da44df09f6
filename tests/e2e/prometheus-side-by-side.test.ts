import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../../server/src/app/free-port.ts';
import { ProtobufWriter } from '../../server/src/lib/protobuf-writer.ts';
import { STALE_MARKER_BITS } from '../../server/src/model/stale-marker.ts';
import { missingAlertmanager, startAlertmanager } from '../support/alertmanager-server.ts';
import { amtool, missingAmtool } from '../support/alertmanager-tool.ts';
import { apiOf } from '../support/api.ts';
import { eventually } from '../support/eventually.ts';
import { HttpStandIn } from '../support/http-stand-in.ts';
import { missingPrometheus, startPrometheus } from '../support/prometheus-server.ts';
import { startTestService } from '../support/service.ts';
import { snappyBlock } from '../support/snappy-block.ts';

/**
 * Debian's Prometheus and Alertmanager beside this service: the same rules, the same routing, and the same samples, with
 * times of their own that lie ahead, so that what each evaluation sees does not depend on when somebody sent it.
 */

const missing = missingPrometheus() ?? missingAlertmanager() ?? missingAmtool();

const INTERVAL_MS = 1000;

const RULES = `groups:
  - name: queues
    interval: 1s
    rules:
      - record: queue:jobs_waiting:max
        expr: max by (queue) (jobs_waiting)
      - alert: QueueFull
        expr: queue:jobs_waiting:max > 10
        for: 2s
        labels: {severity: warning, team: 'team-{{ $labels.queue }}'}
        annotations:
          summary: '{{ $value | humanize }} jobs wait in {{ $labels.queue }}'
          all: '{{ range query "sum(jobs_waiting)" }}{{ .Value }}{{ end }}'
      - alert: Overload
        expr: count(ALERTS{alertname="QueueFull", alertstate="firing"}) >= 2
        labels: {severity: error}
      - alert: QueueSlow
        expr: job_seconds > 5
        keep_firing_for: 2s
        labels: {severity: info}
`;

/** A label of what Prometheus sends; what this service finds by itself has it not. */
const SENT = 'origin=prometheus';

const routing = (hook: string) => `
global: {resolve_timeout: 5m}
route:
  receiver: nobody
  group_by: [alertname]
  group_wait: 1s
  group_interval: 1s
  repeat_interval: 1h
  routes:
    - matchers: ['severity=~"warning|error|info"']
      receiver: own
      routes:
        - {matchers: ['origin="prometheus"', 'severity="info"'], receiver: sent, group_by: [alertname, queue]}
        - {matchers: ['origin="prometheus"'], receiver: sent}
        - {matchers: ['severity="info"'], group_by: [alertname, queue]}
receivers:
  - name: nobody
  - name: sent
    webhook_configs: [{url: '${hook}/sent'}]
  - name: own
    webhook_configs: [{url: '${hook}/own'}]
`;

/** Values, each from a second after the beginning on. */
const COURSES = [
  // Fires, and ends with its series.
  { name: 'jobs_waiting', queue: 'a', course: '0=0 1=1500 11=stale' },
  // Fires, and ends with its value.
  { name: 'jobs_waiting', queue: 'b', course: '0=0 1=20 8=1' },
  // Recovers before its time.
  { name: 'jobs_waiting', queue: 'c', course: '0=0 1.5=30 3=2' },
  // Goes on over a gap, and at the end for as long as it is to be kept.
  { name: 'job_seconds', queue: 'a', course: '0=9 1.5=1 3=7 8=1' },
] as const;

function writeRequest(begin: number): Buffer {
  const request = new ProtobufWriter();
  for (const { name, queue, course } of COURSES) {
    const series = new ProtobufWriter();
    for (const [key, value] of [
      ['__name__', name],
      ['queue', queue],
    ] as const) {
      series.bytes(1, new ProtobufWriter().string(1, key).string(2, value).finish());
    }
    for (const [second, value] of course.split(' ').map((point) => point.split('=')) as [string, string][]) {
      const sample = new ProtobufWriter();
      if (value === 'stale') sample.fixed64(1, STALE_MARKER_BITS);
      else sample.double(1, Number(value));
      series.bytes(2, sample.varint(2, begin + Number(second) * 1000).finish());
    }
    request.bytes(1, series.finish());
  }
  return snappyBlock(request.finish());
}

async function remoteWrite(url: string, body: Buffer): Promise<void> {
  const headers = {
    'content-type': 'application/x-protobuf',
    'content-encoding': 'snappy',
    'x-prometheus-remote-write-version': '0.1.0',
  };
  const { status, body: answer } = await apiOf(url).post('/api/v1/write', body, headers);
  expect([status, answer]).toEqual([204, undefined]);
}

type Labels = Readonly<Record<string, string>>;

const keyOf = ({ origin: _, ...labels }: Labels) =>
  Object.entries(labels)
    .sort()
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');

interface ListedAlert {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly state: string;
  readonly activeAt: string;
  readonly value: string;
}

/** What fires, by its labels. */
async function firingAt(url: string): Promise<ListedAlert[]> {
  const { body } = await apiOf(url).get('/api/v1/alerts');
  return (body.data.alerts as ListedAlert[])
    .filter(({ state, labels }) => state === 'firing' && labels.origin === undefined)
    .sort((a, b) => (keyOf(a.labels) < keyOf(b.labels) ? -1 : 1));
}

/** Times of all samples of these series, Unix milliseconds. */
async function timesOf(url: string, selector: string): Promise<Map<string, number[]>> {
  const { body } = await apiOf(url).get(`/api/v1/query?query=${encodeURIComponent(`${selector}[1m]`)}`);
  const result: { metric: Labels; values: [number, string][] }[] = body.data.result;
  return new Map(result.map(({ metric, values }) => [keyOf(metric), values.map(([time]) => time * 1000)]));
}

interface Spell {
  readonly from: number;
  readonly until: number;
}

/** When each alert was in each of its states, by its series `ALERTS`, and the longest time between two evaluations. */
async function spellsAt(url: string): Promise<{ spells: Map<string, Spell[]>; longestMs: number }> {
  const [evaluations] = [...(await timesOf(url, 'queue:jobs_waiting:max{queue="b"}')).values()] as [number[]];
  const next = new Map(evaluations.map((time, index) => [time, evaluations[index + 1]]));
  const spells = new Map<string, Spell[]>();
  for (const [key, times] of await timesOf(url, 'ALERTS')) {
    const list: Spell[] = [];
    for (const time of times) {
      const last = list.at(-1);
      if (last && next.get(last.until) === time) list[list.length - 1] = { ...last, until: time };
      else list.push({ from: time, until: time });
    }
    spells.set(key, list);
  }
  const gaps = evaluations.slice(1).map((time, index) => time - evaluations[index]!);
  return { spells, longestMs: Math.max(...gaps) };
}

interface Notice {
  readonly groupKey: string;
  readonly groupLabels: Labels;
  readonly status: string;
  readonly alerts: readonly { readonly labels: Labels; readonly status: string }[];
}

/** What a receiver was told, one request after the other, without the address of who tells it. */
function noticesOf(hook: HttpStandIn, path: string): Notice[] {
  const byLabels = (a: { labels: Labels }, b: { labels: Labels }) => (keyOf(a.labels) < keyOf(b.labels) ? -1 : 1);
  return hook.requests
    .filter((request) => request.path === path)
    .map(({ body }) => {
      // Go writes no zeros at the end of a second's fraction.
      const time = (name: string, value: unknown) => (/^(starts|ends)At$/.test(name) ? Date.parse(`${value}`) : value);
      const { externalURL: _, ...notice } = JSON.parse(body, time);
      return { ...notice, alerts: notice.alerts.sort(byLabels) };
    });
}

/** What was told of each group. */
function storiesOf(notices: readonly Notice[]): Map<string, Notice[]> {
  return Map.groupBy(notices, ({ groupLabels }) => keyOf(groupLabels));
}

/** The same in short: the status of each notice and of its members. */
function plotsOf(notices: readonly Notice[]): Map<string, string[]> {
  const plot = ({ status, alerts }: Notice) =>
    `${status}: ${alerts.map((alert) => `${alert.status} ${keyOf(alert.labels)}`).join(', ')}`;
  return new Map([...storiesOf(notices)].map(([group, story]) => [group, story.map(plot)]));
}

const stops: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

function place(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'side-by-side-'));
  stops.push(async () => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

async function startAll() {
  const [ourHook, theirHook] = [await HttpStandIn.start(), await HttpStandIn.start()];
  stops.push(
    () => ourHook.stop(),
    () => theirHook.stop(),
  );
  const folder = place({ 'rules.yml': RULES });
  const rules = `rule_files: ['${join(folder, 'rules.yml')}']`;
  writeFileSync(join(folder, 'system-service.yaml'), rules);
  const starting = [
    startTestService({ env: { CONFIG_FILE: join(folder, 'system-service.yaml'), WEBHOOK_ALLOW: '127.0.0.1' } }),
    startAlertmanager(routing(theirHook.url)),
  ] as const;
  for (const one of starting) stops.push(async () => (await one).stop());
  const [service, alertmanager] = await Promise.all(starting);
  const yaml = { 'content-type': 'application/yaml' };
  const imported = await apiOf(service.url).post('/api/alerts/routes', routing(ourHook.url), yaml);
  expect(imported).toMatchObject({ status: 200 });
  const targets = [service, alertmanager].map(({ url }) => `'${new URL(url).host}'`);
  const prometheus = await startPrometheus(
    await freePort('127.0.0.1'),
    () => `
global: {evaluation_interval: 1s, external_labels: {origin: prometheus}}
alerting: {alertmanagers: [{static_configs: [{targets: [${targets}]}]}]}
${rules}
`,
  );
  stops.push(() => prometheus.stop());
  const theirs = `http://${prometheus.address}`;
  await eventually(async () => {
    const { body } = await apiOf(theirs).get('/api/v1/alertmanagers');
    expect(body.data.activeAlertmanagers).toHaveLength(2);
  });
  return { ourHook, theirHook, ours: service.url, alertmanager: alertmanager.url, theirs };
}

describe.skipIf(missing)('beside Debian’s Prometheus and Alertmanager', () => {
  it('the same alerts, notifications and answers to amtool', async () => {
    const { ourHook, theirHook, ours, theirs, alertmanager } = await startAll();
    const begin = Date.now() + 500;
    for (const url of [ours, theirs]) await remoteWrite(url, writeRequest(begin));

    // While all fires: what each says of its alerts.
    const whileFiring = await eventually(async () => {
      const [mine, other] = [await firingAt(ours), await firingAt(theirs)];
      const names = other.map(({ labels }) => labels.alertname);
      expect(names).toEqual(['Overload', 'QueueFull', 'QueueFull', 'QueueSlow']);
      const plain = (alerts: ListedAlert[]) => alerts.map(({ activeAt: _, ...alert }) => alert);
      expect(plain(mine)).toEqual(plain(other));
      return mine.map(({ activeAt }, index) => [activeAt, other[index]!.activeAt] as const);
    });
    await sameAnswersToAmtool(ours, alertmanager);

    // When all is over: the whole course.
    await eventually(() => {
      for (const notices of [noticesOf(ourHook, '/sent'), noticesOf(ourHook, '/own'), noticesOf(theirHook, '/sent')]) {
        const ended = [...storiesOf(notices).values()].filter((story) => story.at(-1)!.status === 'resolved');
        expect(ended).toHaveLength(3);
      }
    });
    const [mine, other] = [await spellsAt(ours), await spellsAt(theirs)];
    // One interval; where a busy machine left an evaluation out, the one that there was.
    const bound = Math.max(INTERVAL_MS, mine.longestMs, other.longestMs);
    for (const [ourTime, theirTime] of whileFiring) {
      expect(Math.abs(Date.parse(ourTime) - Date.parse(theirTime))).toBeLessThanOrEqual(bound);
    }
    expect([...mine.spells.keys()].sort()).toEqual([...other.spells.keys()].sort());
    for (const [key, spells] of mine.spells) {
      const reference = other.spells.get(key)!;
      expect(spells, key).toHaveLength(reference.length);
      for (const [index, { from, until }] of spells.entries()) {
        expect(Math.abs(from - reference[index]!.from), `${key} begins`).toBeLessThanOrEqual(bound);
        expect(Math.abs(until - reference[index]!.until), `${key} ends`).toBeLessThanOrEqual(bound);
      }
    }
    const stories = storiesOf(noticesOf(theirHook, '/sent'));
    expect(storiesOf(noticesOf(ourHook, '/sent'))).toMatchObject(stories);
    expect(plotsOf(noticesOf(ourHook, '/own'))).toEqual(plotsOf(noticesOf(theirHook, '/sent')));
  });
});

async function sameAnswersToAmtool(ours: string, theirs: string): Promise<void> {
  const ask = (...words: string[]) => Promise.all([ours, theirs].map((url) => amtool(url, ...words)));
  /** What both answer, without what each has to make up by itself. */
  const same = async (...words: string[]) => {
    const own = words.includes(SENT) ? ['updatedAt'] : ['updatedAt', 'id', 'silencedBy', 'startsAt', 'endsAt'];
    const [mine, other] = (await ask(...words, '-o', 'json')).map((text) =>
      JSON.parse(text, (name, value) => (own.includes(name) ? undefined : value)),
    );
    expect(mine).toEqual(other);
    return mine;
  };
  expect(await same('alert', 'query', SENT)).toHaveLength(4);
  expect(await same('alert', 'query', SENT, 'queue=~"a|c"', 'alertname!=QueueSlow')).toMatchObject([
    { labels: { alertname: 'QueueFull', queue: 'a' }, receivers: [{ name: 'sent' }], status: { state: 'active' } },
  ]);

  // Nobody hears of this one, so that silences of it change no notifications.
  await ask('alert', 'add', 'Deployment', 'queue=z', '--annotation=summary=by hand');
  const ids = await ask('silence', 'add', 'alertname=~"Dep.*"', 'queue!=a', '-c', 'known', '-a', 'ann', '-d', '1h');
  expect(await same('silence', 'query')).toMatchObject([{ comment: 'known', createdBy: 'ann', matchers: [{}, {}] }]);
  expect(await same('alert', 'query', 'alertname=Deployment')).toEqual([]);
  expect(await same('alert', 'query', '--silenced')).toMatchObject([
    { labels: { alertname: 'Deployment', queue: 'z' }, status: { state: 'suppressed' } },
  ]);
  const change = (verb: string, ...words: string[]) =>
    Promise.all([ours, theirs].map((url, side) => amtool(url, 'silence', verb, ids[side]!.trim(), ...words)));
  await change('update', '-d', '2h', '-c', 'still known');
  expect(await same('silence', 'query')).toMatchObject([{ comment: 'still known', createdBy: 'ann' }]);
  await change('expire');
  expect(await same('silence', 'query')).toEqual([]);
  expect(await same('silence', 'query', '--expired')).toMatchObject([{ status: { state: 'expired' } }]);
  expect(await same('alert', 'query', 'alertname=Deployment')).toHaveLength(1);

  for (const words of [
    ['config', 'routes', 'show'],
    ['config', 'routes', 'test', 'severity=warning', SENT],
    ['config', 'routes', 'test', 'severity=info'],
    ['config', 'routes', 'test', 'team=x'],
    ['cluster', 'show'],
  ]) {
    const [mine, other] = await ask(...words);
    expect(mine, words.join(' ')).toBe(other);
  }
}
