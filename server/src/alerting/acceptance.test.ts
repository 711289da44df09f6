import { afterEach, describe, expect, it } from 'vitest';
import { AlertingBench, type BenchOptions } from '../../../tests/support/alerting-bench.ts';
import { controlBackends } from '../../../tests/support/control-stores.ts';
import { fingerprintOfLabels } from './routing/fingerprint.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const [backend] = controlBackends();

/** From when to when something is to arrive, seconds since the beginning, both ends included. */
const between = (from: number, until: number) => ({ from, until });

/**
 * A play in virtual time: what happens when, and who is to hear of what within which time. What is not wanted must not
 * arrive.
 */
class Play {
  readonly bench: AlertingBench;
  readonly #acts: { at: number; act: () => Promise<unknown> }[] = [];
  readonly #wanted: { user: string; subject: string; from: number; until: number }[] = [];

  private constructor(bench: AlertingBench) {
    this.bench = bench;
  }

  static async open(options: BenchOptions): Promise<Play> {
    return new Play(await AlertingBench.create(backend!, options));
  }

  at(seconds: number, act: () => Promise<unknown>): void {
    this.#acts.push({ at: seconds, act });
  }

  want({ from, until }: ReturnType<typeof between>, subject: string, user = 'ops'): void {
    this.#wanted.push({ user, subject, from, until });
  }

  async run(until: number, stride: number): Promise<void> {
    const users = new Set(['ops', ...this.#wanted.map(({ user }) => user)]);
    const arrived: { user: string; subject: string; at: number }[] = [];
    const known = new Map<string, number>();
    const acts = this.#acts.sort((a, b) => a.at - b.at);
    const start = this.bench.clock.now();
    const now = () => (this.bench.clock.now() - start) / 1000;
    let delivered = 0;
    while (now() < until) {
      if (acts[0]?.at !== now()) await this.bench.pass(stride, stride);
      while (acts[0] && acts[0].at <= now()) {
        await acts.shift()!.act();
        await this.bench.settle();
      }
      const before = delivered;
      delivered = await this.#delivered();
      if (delivered === before) continue;
      for (const user of users) {
        const subjects = await this.bench.inbox(user);
        for (const subject of subjects.slice(known.get(user) ?? 0)) arrived.push({ user, subject, at: now() });
        known.set(user, subjects.length);
      }
    }
    const unexpected = [...arrived];
    for (const want of this.#wanted) {
      const index = unexpected.findIndex(
        ({ user, subject, at }) =>
          user === want.user && subject === want.subject && at >= want.from && at <= want.until,
      );
      expect(index, `${want.subject} in ${want.from}-${want.until} of ${JSON.stringify(arrived)}`).toBeGreaterThan(-1);
      unexpected.splice(index, 1);
    }
    expect(unexpected).toEqual([]);
  }

  /** How much has arrived, whoever it was for: most steps bring nothing, and inboxes need not be read. */
  async #delivered(): Promise<number> {
    const { n } = await this.bench.store.db
      .selectFrom('deliveries')
      .select((row) => row.fn.countAll<number>().as('n'))
      .where('status', 'in', ['delivered', 'read'])
      .executeTakeFirstOrThrow();
    return Number(n);
  }
}

const RECEIVERS = `
receivers:
  - name: ops
    in_app_configs: [{user: ops}]
`;
const ROUTE = `
route: {receiver: ops, group_by: [alertname], group_wait: 30s, group_interval: 5m, repeat_interval: 4h}
${RECEIVERS}`;
const FIRED = '[warning] A';
const OVER = '[resolved] A';

let play: Play;
afterEach(() => play.bench.drop());

describe('what users of other alert managers miss', () => {
  const post = (endsIn: number) => () => play.bench.post([{ alertname: 'A' }], endsIn);
  const end = () => play.bench.post([{ alertname: 'A' }], 0);
  const silence = (seconds: number) => () => {
    const now = play.bench.clock.now();
    const matchers = [{ name: 'alertname', operator: '=', value: 'A' }] as const;
    const form = { matchers, createdBy: 'ann', comment: 'known', startsAt: now, endsAt: now + seconds * 1000 };
    return play.bench.alerting.silences.create(form, now);
  };

  it('the end of what is silenced meanwhile (alertmanager#226), and at once (alertmanager#1510)', async () => {
    play = await Play.open({ routing: ROUTE });
    play.at(0, post(DAY));
    play.want(between(30, 40), FIRED);
    play.at(60, silence(HOUR));
    play.at(90, end);
    play.want(between(90, 100), OVER);
    await play.run(65 * MINUTE, 10);
  });

  it('no end without a beginning (alertmanager#878, uptime-kuma#4792)', async () => {
    play = await Play.open({ routing: ROUTE });
    play.at(0, silence(HOUR));
    play.at(10, post(DAY));
    play.at(600, end);
    await play.run(2 * HOUR, 30);
  });

  it('no second reminder or end within repeat_interval (alertmanager#964, #3326)', async () => {
    play = await Play.open({ routing: ROUTE.replace('4h', '1h') });
    for (let minute = 0; minute <= 135; minute += 2) play.at(minute * MINUTE, post(5 * MINUTE));
    play.want(between(30, 60), FIRED);
    for (const hours of [1, 2]) play.want(between(hours * HOUR, hours * HOUR + 90), FIRED);
    play.at(135 * MINUTE + 60, end);
    play.want(between(135 * MINUTE + 60, 135 * MINUTE + 90), OVER);
    play.at(135 * MINUTE + 120, end);
    await play.run(4 * HOUR, 30);
  });

  it('"never repeat" that is kept, also after weeks and over restarts (signoz#10043)', async () => {
    play = await Play.open({ routing: ROUTE.replace('4h', '0s') });
    play.at(0, post(40 * DAY));
    play.want(between(0, HOUR), FIRED);
    for (const minutes of [10, 20, 30]) play.at(minutes * MINUTE, () => play.bench.kill(9 * DAY));
    play.at(27 * DAY + HOUR, end);
    play.want(between(27 * DAY + HOUR, 27 * DAY + HOUR + MINUTE), OVER);
    await play.run(27 * DAY + 2 * HOUR, MINUTE);
  });

  it('an acknowledgement that ends with its episode (notificator#105)', async () => {
    play = await Play.open({ routing: ROUTE.replace('4h', '1h') });
    const acknowledge = async () => {
      const [live] = play.bench.alerting.list();
      await play.bench.alerting.acknowledge(live!.rule.id, { by: 'ann', until: null });
    };
    play.at(0, post(2 * DAY));
    play.want(between(30, 60), FIRED);
    play.at(15 * MINUTE, acknowledge);
    // Over two of its reminders, which do not come.
    play.at(150 * MINUTE, end);
    play.want(between(150 * MINUTE, 150 * MINUTE + 30), OVER);
    play.at(3 * HOUR, post(2 * DAY));
    play.want(between(3 * HOUR + 30, 3 * HOUR + 60), FIRED);
    play.want(between(4 * HOUR, 4 * HOUR + 120), FIRED);
    await play.run(4 * HOUR + 15 * MINUTE, 30);
  });

  it('a reminder that says that it is one, when the next comes, and what ends them (uptime-kuma#233, #2737, #4695, #5126)', async () => {
    play = await Play.open({ routing: ROUTE.replace('4h', '30m') });
    const { bench } = play;
    const told = async () => {
      const rows = await bench.store.db
        .selectFrom('notifications')
        .select(['message', 'content'])
        .orderBy('id')
        .execute();
      return rows.map(({ message, content }) => `${message} ${content}`);
    };
    await bench.post([{ alertname: 'A' }], DAY);
    await bench.pass(31);
    // Noon, the wait of the group, and half an hour.
    expect(await told()).toEqual([expect.stringContaining('2026-01-05T12:30:30.000Z, unless somebody acknowledges')]);
    const [group] = bench.alerting.dispatcher.table.groups.values();
    expect(bench.alerting.dispatcher.nextReminder(group!)).toBe(Date.parse('2026-01-05T12:30:30Z'));
    await bench.pass(30 * MINUTE, 30);
    expect((await told()).slice(1)).toEqual([expect.stringMatching(/^Reminder: it still fires.*2026-01-05T13:00:/)]);
    const [live] = bench.alerting.list();
    await bench.alerting.acknowledge(live!.rule.id, { by: 'ann', until: null });
    expect(bench.alerting.dispatcher.nextReminder(group!)).toBeNull();
    await bench.pass(3 * HOUR, MINUTE);
    expect(await told()).toHaveLength(2);
  });

  it('an acknowledgement that is not for ever: where it ends, what still fires is said again (goalert#3378)', async () => {
    play = await Play.open({ routing: ROUTE.replace('4h', '30m') });
    const acknowledge = async () => {
      const [live] = play.bench.alerting.list();
      const until = play.bench.clock.now() + 2 * HOUR * 1000;
      await play.bench.alerting.acknowledge(live!.rule.id, { by: 'ann', until });
    };
    play.at(0, post(DAY));
    play.want(between(30, 60), FIRED);
    play.at(10 * MINUTE, acknowledge);
    play.want(between(130 * MINUTE, 131 * MINUTE), FIRED);
    play.want(between(160 * MINUTE, 162 * MINUTE), FIRED);
    await play.run(180 * MINUTE, 30);
  });

  it('an acknowledgement of one label set, which leaves the others of its rule in nobody’s hand (hyperdx#2599)', async () => {
    play = await Play.open({ routing: ROUTE.replace('[alertname]', '[host]').replace('4h', '1h') });
    for (const host of ['a', 'b']) play.bench.figures.set('load', 9, { host });
    await play.bench.create({ name: 'A', metric: 'load', threshold: 5 });
    play.want(between(30, 60), FIRED);
    play.want(between(30, 60), FIRED);
    play.at(15 * MINUTE, async () => {
      const [live] = play.bench.alerting.list();
      const a = [...live!.instances.values()].find(({ identity }) => identity.host === 'a')!;
      await play.bench.alerting.byHand.acknowledgeAlerts({ episodeId: a.episode!.id }, { by: 'ann', until: null });
    });
    // Of the other one they are reminded.
    play.want(between(HOUR, HOUR + 90), FIRED);
    await play.run(90 * MINUTE, 30);
  });

  it('two alerts of one name, one alert for each label set, whose fingerprint is that of the labels, and why they are one incident (keep#6793, #4766, #958)', async () => {
    play = await Play.open({ routing: ROUTE });
    const { bench } = play;
    await bench.post([{ alertname: 'A', service: 'shop', host: '1' }], DAY);
    await bench.post([{ host: '1', service: 'shop', alertname: 'A' }], DAY);
    await bench.post([{ alertname: 'A', service: 'shop', host: '2' }], DAY);
    await bench.post([{ alertname: 'A', service: 'shop', host: '2', severity: 'critical' }], DAY);
    const records = await bench.alerting.history({ limit: 10 });
    const labels = records.map(({ episode }) => JSON.parse(episode.labels) as Record<string, string>);
    expect(labels).toHaveLength(3);
    expect(records.map(({ episode }) => episode.fingerprint).sort()).toEqual(labels.map(fingerprintOfLabels).sort());
    const [incident, ...others] = bench.alerting.incidents.table.incidents.values();
    expect(others).toEqual([]);
    const reasons = [...incident!.members.values()].map(({ reason }) => reason.text);
    expect(reasons).toHaveLength(3);
    for (const text of reasons.slice(1)) expect(text).toContain('shop');
  });

  it('one alert in many rows: what is posted again and again stays one row with its events beside it (keep#2205, #3183)', async () => {
    play = await Play.open({ routing: ROUTE });
    const { bench } = play;
    const alerts = Array.from({ length: 300 }, (_, index) => ({ alertname: 'A', service: 'shop', host: `${index}` }));
    for (let round = 0; round < 6; round++) {
      await bench.post(alerts, HOUR);
      await bench.pass(MINUTE, 30);
    }
    const count = async (table: 'alert_episodes' | 'routed_alerts' | 'incidents') => {
      const { n } = await bench.store.db
        .selectFrom(table)
        .select((row) => row.fn.countAll<number>().as('n'))
        .executeTakeFirstOrThrow();
      return Number(n);
    };
    expect(await Promise.all([count('alert_episodes'), count('routed_alerts'), count('incidents')])).toEqual([
      300, 300, 1,
    ]);
    expect(await bench.inbox()).toEqual(['[warning] A on shop (300 firing)']);
  });
});

describe('both changes of the clocks', () => {
  /** Local midnight before the change, by UTC, and how long after it the office opens at nine. */
  it.each([
    ['Europe/Paris', '2026-03-28T23:00:00Z', 8],
    ['Europe/Paris', '2026-10-24T22:00:00Z', 10],
    ['America/New_York', '2026-03-08T05:00:00Z', 8],
    ['America/New_York', '2026-11-01T04:00:00Z', 10],
    ['Australia/Lord_Howe', '2026-04-04T13:00:00Z', 9.5],
    ['Australia/Lord_Howe', '2026-10-03T13:30:00Z', 8.5],
  ])(
    '%s, the night of %s: what waits for nine o’clock is told %d hours after midnight',
    async (zone, midnight, hours) => {
      const routing = `
route:
  receiver: ops
  group_wait: 0s
  repeat_interval: 0s
  routes: [{matchers: [alertname="A"], active_time_intervals: [office]}]
time_intervals:
  - {name: office, time_intervals: [{times: [{start_time: '09:00', end_time: '17:00'}], location: ${zone}}]}
${RECEIVERS}`;
      play = await Play.open({ routing, time: Date.parse(midnight) });
      play.at(MINUTE, () => play.bench.post([{ alertname: 'A' }], DAY));
      play.want(between(hours * HOUR, hours * HOUR + MINUTE), FIRED);
      const end = (hours + 0.5) * HOUR;
      play.at(end, () => play.bench.post([{ alertname: 'A' }], 0));
      play.want(between(end, end + MINUTE), OVER);
      await play.run(end + 10 * MINUTE, MINUTE);
    },
  );

  it.each([
    // 01:30 for an hour, each night: of an hour that is skipped it begins when that is over, of one that comes twice once.
    ['Europe/Paris', '2026-03-28T23:00:00Z', '02:30', 2.5, 3.5],
    ['Europe/Paris', '2026-10-24T22:00:00Z', '02:30', 2.5, 3.5],
    ['America/New_York', '2026-03-08T05:00:00Z', '02:30', 2.5, 3.5],
    ['America/New_York', '2026-11-01T04:00:00Z', '01:30', 1.5, 2.5],
    ['Australia/Lord_Howe', '2026-10-03T13:30:00Z', '02:15', 2.25, 3.25],
    ['Australia/Lord_Howe', '2026-04-04T13:00:00Z', '01:45', 1.75, 2.75],
  ])('%s, the night of %s: maintenance at %s lasts an hour', async (timeZone, midnight, time, from, until) => {
    play = await Play.open({ routing: ROUTE.replace('30s', '0s'), time: Date.parse(midnight) });
    const matchers = [{ name: 'alertname', operator: '=', value: 'A' }] as const;
    const form = {
      name: 'nightly',
      matchers,
      start: `2026-01-01T${time}`,
      durationMs: HOUR * 1000,
      rrule: 'FREQ=DAILY',
    };
    const rest = { timeZone, comment: '', createdBy: 'ann', enabled: true };
    await play.bench.alerting.maintenance.create({ ...form, ...rest }, play.bench.clock.now());
    play.at(from * HOUR + MINUTE, () => play.bench.post([{ alertname: 'A' }], DAY));
    play.want(between(until * HOUR, until * HOUR + MINUTE), FIRED);
    await play.run(4 * HOUR + 30 * MINUTE, MINUTE);
  });
});
