import { afterEach, describe, expect, it } from 'vitest';
import { AlertingBench, type BenchOptions } from '../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../tests/support/control-stores.ts';
import { HttpStandIn, type ReceivedRequest, type StandInAnswer } from '../../../tests/support/http-stand-in.ts';
import { ScriptedMailServer } from '../../../tests/support/scripted-mail-server.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

import { ALWAYS } from '../alerting/escalation/policy.ts';

const [backend] = controlBackends();
const OK: StandInAnswer = { status: 200, body: 'ok' };

/** From the alert to the server of a channel, in virtual time: what arrives there, and what keeps it from arriving. */
describe('what users of other notification systems complain of does not happen', () => {
  let bench: AlertingBench;
  const servers: { stop(): Promise<void> }[] = [];
  afterEach(async () => {
    await bench.drop();
    for (const server of servers.splice(0)) await server.stop();
  });

  const open = async (options: BenchOptions) => {
    bench = await AlertingBench.create(backend!, options);
  };

  /** A server that answers as told, and how many seconds after the beginning it was asked. */
  async function standIn(behave: (request: ReceivedRequest, count: number) => StandInAnswer | 'drop' = () => OK) {
    const askedAt: number[] = [];
    const server = await HttpStandIn.start((request) => {
      askedAt.push((bench.clock.now() - start) / 1000);
      return behave(request, askedAt.length);
    });
    servers.push(server);
    return { server, askedAt };
  }
  const start = Date.UTC(2026, 0, 5, 12);
  const post = (endsIn = DAY) => bench.post([{ alertname: 'A' }], endsIn);

  it('an alert is not lost to a 429, and comes when the provider said, over a restart, though nothing else fires (alertmanager#2205, #2111, #2121, signoz#12891)', async () => {
    const limited = { status: 429, headers: { 'retry-after': '40' } };
    const { server, askedAt } = await standIn((_, count) => (count === 1 ? limited : OK));
    await open({ settings: { alertUsers: [], slackWebhookUrl: server.url } });
    await post();
    await bench.deliver(10);
    expect(askedAt).toHaveLength(1);
    await bench.kill(1);
    await bench.deliver(60);
    expect(askedAt).toHaveLength(2);
    expect(askedAt[1]).toBeGreaterThanOrEqual(40);
    expect(askedAt[1]).toBeLessThan(45);
  });

  it('a receiver that is down for ten minutes is asked a few times, not 200, also by a process that is started again (alertmanager#2286)', async () => {
    const down = () => (bench.clock.now() - start) / 1000 < 10 * MINUTE;
    const { server, askedAt } = await standIn(() => (down() ? { status: 503 } : OK));
    await open({ settings: { alertUsers: [], slackWebhookUrl: server.url } });
    await post();
    await bench.deliver(2 * MINUTE, 2);
    const before = askedAt.length;
    await bench.kill(1);
    await bench.deliver(10, 1);
    expect(askedAt.length - before).toBeLessThanOrEqual(1);
    await bench.deliver(20 * MINUTE, 5);
    const vain = askedAt.filter((at) => at < 10 * MINUTE);
    expect(vain.length).toBeGreaterThan(4);
    expect(vain.length).toBeLessThan(15);
    expect(askedAt.length).toBe(vain.length + 1);
  });

  it('what happens while the network is down is told afterwards, with the time at which it happened (uptime-kuma#6046, #7436)', async () => {
    const { server, askedAt } = await standIn((_, count) => (count <= 3 ? 'drop' : OK));
    await open({ settings: { alertUsers: [], slackWebhookUrl: server.url } });
    await post();
    await bench.deliver(5);
    await bench.kill(5 * MINUTE);
    await bench.deliver(2 * MINUTE);
    expect(askedAt).toHaveLength(4);
    const arrived = server.requests.at(-1)!.body;
    expect(arrived).toMatch(/Delayed by 5m: said at 2026-01-05T12:00:0\d/);
  });

  it('quiet hours put the mail off until the morning, and neither the alert nor the inbox; what is critical comes at once (PostHog#89862, uptime-kuma#707, novu#2808)', async () => {
    const mail = await ScriptedMailServer.start();
    servers.push(mail);
    const smtp = { url: mail.url, from: 'Alerts <alerts@example.org>' };
    await open({ settings: { alertUsers: ['ann'], smtp }, time: Date.parse('2026-01-05T22:00:00Z') });
    await bench.notifications.preferences.update(
      'ann',
      {
        timeZone: 'Europe/London',
        quietHours: { windows: [{ start: '21:00', end: '07:00' }] },
        updates: [{ channel: 'email', addresses: ['ann@example.org'], path: '' }],
      },
      true,
    );
    await post();
    await bench.deliver(2);
    expect(bench.alerting.list()[0]!.instances.values().next().value!.state.name).toBe('firing');
    expect(await bench.inbox('ann')).toEqual(['[warning] A']);
    expect(mail.mails).toEqual([]);
    await bench.post([{ alertname: 'B', severity: 'critical' }], DAY);
    await bench.deliver(2);
    expect(mail.mails.map(({ subject }) => subject)).toEqual(['Alert: B']);
    await bench.deliver(9 * HOUR - 10 * MINUTE, 10 * MINUTE);
    expect(mail.mails).toHaveLength(1);
    await bench.deliver(11 * MINUTE, 10);
    expect(mail.mails.slice(1).map(({ subject }) => subject)).toEqual(['Alert: A']);
  });

  it('who has acknowledged gets none of the messages that still waited (oncall#4654, #4760)', async () => {
    let isBusy = true;
    const sent: string[] = [];
    const { server, askedAt } = await standIn(({ body }) => {
      if (isBusy) return { status: 429, headers: { 'retry-after': '20' } };
      sent.push(new URLSearchParams(body).get('To')!);
      return { status: 201, body: '{"sid": "SM1"}' };
    });
    await open({
      settings: {
        alertUsers: [],
        twilio: { accountSid: 'AC1', authToken: 't', from: '+15005550006', apiUrl: server.url },
      },
      routing: 'route: {receiver: pager}\nreceivers: [{name: pager, escalation_policy: web}]',
    });
    const step = (address: string) => {
      const targets = [{ channel: 'sms' as const, address }];
      return { delayMs: 60_000, targets, urgency: null, conditions: ALWAYS };
    };
    const steps = [step('+33612345601'), step('+33612345602')];
    const policy = { name: 'web', description: '', steps, repeat: 3, fallback: [], ackTimeoutMs: null };
    await bench.alerting.escalationPolicies.create(policy, bench.clock.now());
    await post();
    await bench.deliver(95, 5);
    // Both wait for the provider.
    expect(askedAt.length).toBeGreaterThan(2);
    const [live] = bench.alerting.list();
    await bench.alerting.acknowledge(live!.rule.id, { by: 'ann', until: null });
    isBusy = false;
    await bench.deliver(10 * MINUTE, 5);
    expect(sent).toEqual([]);
    await post(0);
    await bench.deliver(MINUTE, 5);
    expect(sent).toEqual([]);
  });

  it('500 alerts at once are one message that every channel takes, with how many are left out (alertmanager#2769, elementary#2160, bolt-js#2509)', async () => {
    const sizes = { slack: 13_000, teams: 28_000, discord: 6000 };
    const bodies: Record<string, string[]> = {};
    const { server } = await standIn(({ path, body }) => {
      const channel = path.slice(1) as keyof typeof sizes;
      bodies[channel] = [...(bodies[channel] ?? []), body];
      return body.length <= sizes[channel] ? OK : { status: channel === 'teams' ? 413 : 400 };
    });
    await open({
      settings: {
        alertUsers: [],
        slackWebhookUrl: `${server.url}/slack`,
        teamsWebhookUrl: `${server.url}/teams`,
        discordWebhookUrl: `${server.url}/discord`,
      },
      routing: 'route: {receiver: all, group_wait: 30s}\nreceivers: [{name: all, default_recipients: true}]',
    });
    const pods = Array.from({ length: 500 }, (_, index) => ({
      alertname: 'PodDown',
      pod: `checkout-${index}-${'x'.repeat(200)}`,
      node: `node-${index}.${'y'.repeat(100)}`,
    }));
    await bench.post(pods, DAY);
    await bench.deliver(40, 5);
    expect(Object.keys(bodies).sort()).toEqual(['discord', 'slack', 'teams']);
    for (const sent of Object.values(bodies)) {
      expect(sent).toHaveLength(1);
      expect(sent[0]).toMatch(/and \d+ more/);
      expect(sent[0]).toContain('http://localhost:8013/alerts');
    }
    const items = await bench.notifications.list({ limit: 10 });
    expect(items.flatMap(({ deliveries }) => deliveries).map(({ status }) => status)).toEqual(['sent', 'sent', 'sent']);
  });
});
