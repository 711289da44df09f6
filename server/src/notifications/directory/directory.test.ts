import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { controlBackends, type TestDatabase } from '../../../../tests/support/control-stores.ts';
import { eventually } from '../../../../tests/support/eventually.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { ConfigMap } from '../../lib/config-map.ts';
import type { Issue } from '../../model/errors.ts';
import type { NotificationRequest } from '../../model/notification-request.ts';
import type { ControlStore } from '../../stores/control/index.ts';
import { type NotificationSettings, Notifications } from '../notifications.ts';
import { NO_DEFAULTS } from '../preferences/user-preferences.ts';
import { readPeople } from './read-people.ts';
import { readPreferenceDefaults } from './read-preference-defaults.ts';

const silent = { debug() {}, info() {}, warn() {}, error() {} };
const USERS: Record<string, unknown> = {
  ann: { contact: { mail: 'ann@example.org' }, phone: '+33612345678', zone: 'Europe/Paris', lang: 'fr_FR' },
  bob: { contact: { mail: 'bob@example.org' }, zone: 'Mars/Olympus' },
};

function read<T>(file: object, reader: (map: ConfigMap) => T): { value: T; problems: string[] } {
  const problems: Issue[] = [];
  const value = reader(new ConfigMap(file, '', problems));
  return { value, problems: problems.map(({ path }) => path) };
}

describe('the configuration of people', () => {
  it('names users, groups, owners, and defaults', () => {
    const { value, problems } = read(
      {
        users: { ann: { email: 'ann@example.org', sms: ['+33612345678'], time_zone: 'Europe/Paris' } },
        groups: { backend: ['ann', 'bob'] },
        services: [
          { name: 'shop', owner: 'backend' },
          { name: 'pay', owner: 'ann' },
          { name: 'old', owner: 'somebody' },
        ],
      },
      readPeople,
    );
    expect(problems).toEqual([]);
    expect(value.users.get('ann')).toEqual({
      contacts: { email: ['ann@example.org'], sms: ['+33612345678'] },
      timeZone: 'Europe/Paris',
    });
    expect([...value.owners]).toEqual([
      ['shop', 'group:backend'],
      ['pay', 'ann'],
    ]);
    const defaults = read(
      {
        notifications: {
          time_zone: 'Europe/Vienna',
          channels: { sms: { enabled: false } },
          types: { 'payment.failed': { critical: true } },
          rate_limits: { sms: ['2/1h'] },
        },
      },
      readPreferenceDefaults,
    );
    expect(defaults.problems).toEqual([]);
    expect(defaults.value.rateLimits.sms).toEqual([{ count: 2, windowMs: 3_600_000 }]);
    expect(defaults.value.rateLimits.email).toHaveLength(1);
  });

  it('names every mistake', () => {
    const wrong = { users: { ann: { mail: 'x', time_zone: 'Mars' } }, user_directory: { url: 'http://users/' } };
    expect(read(wrong, readPeople).problems.sort()).toEqual([
      'user_directory.url',
      'users.ann.mail',
      'users.ann.time_zone',
    ]);
    const defaults = {
      notifications: {
        digest: 'weekly',
        quiet_hours: { windows: [{ start: '22', end: '07:00' }] },
        rate_limits: { sms: ['5'] },
      },
    };
    expect(read(defaults, readPreferenceDefaults).problems).toEqual([
      'notifications.digest',
      'notifications.quiet_hours.windows[0].start',
      'notifications.rate_limits.sms',
    ]);
  });
});

describe.each(controlBackends().slice(0, 1))('the user directory', (backend) => {
  let database: TestDatabase;
  let store: ControlStore;
  let clock: VirtualClock;
  let server: Server;
  let notifications: Notifications | undefined;
  let isDown = false;
  let asked: string[] = [];

  beforeEach(async () => {
    database = await backend.create();
    store = await database.open();
    clock = new VirtualClock();
    [isDown, asked] = [false, []];
    server = createServer((request, response) => {
      asked.push(`${request.url} ${request.headers.authorization}`);
      const [, kind, name] = (request.url ?? '').split('/');
      const groups: Record<string, unknown> = { backend: { items: [{ login: 'ann' }, { login: 'bob' }] } };
      const body = kind === 'people' ? USERS[name!] : groups[name!];
      response.statusCode = isDown ? 500 : body === undefined ? 404 : 200;
      response.end(JSON.stringify(body ?? {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    await notifications?.stop();
    server.close();
    await database.drop();
  });

  async function start(more: Partial<NotificationSettings> = {}) {
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const fields = {
      email: 'contact.mail',
      sms: 'phone',
      time_zone: 'zone',
      locale: 'lang',
      members: 'items',
      id: 'login',
    };
    const directory = {
      url: `${base}/people/{user_id}`,
      groups_url: `${base}/groups/{group}`,
      token: 'secret',
      fields,
    };
    const people = read({ user_directory: directory }, readPeople).value;
    notifications = new Notifications({
      ...{ store, clock, logger: silent },
      settings: { webhookAllowList: [], alertUsers: [], alertEmailTo: [], people, ...more },
    });
    await notifications.start();
    return notifications;
  }

  const tell = async (started: Notifications, groups: string[]) => {
    const command = { groups, type: 'deploy', message: 'done', data: {}, severity: 'info', critical: false } as const;
    const { deliveries } = await started.notify(command, { principal: 'test' });
    return deliveries.map(({ channel, recipient }) => `${channel} ${recipient}`).sort();
  };

  it('gives addresses, time zones and members, and goes on counting while it is down', async () => {
    const expected = ['email ann@example.org', 'email bob@example.org', 'in_app ann', 'in_app bob', 'sms +33612345678'];
    let started = await start();
    expect(await tell(started, ['backend'])).toEqual(expected);
    expect(asked.sort()).toEqual(
      ['/groups/backend', '/people/ann', '/people/bob'].map((path) => `${path} Bearer secret`),
    );
    const sheet = await started.preferences.read('ann');
    expect(sheet).toMatchObject({ timeZone: 'Europe/Paris', locale: 'fr-FR', version: 0 });
    expect((await started.preferences.read('bob')).timeZone).toBeUndefined();
    // What ann decides herself goes first.
    const updates = [{ channel: 'email' as const, addresses: ['ann@home.example.org'], path: '' }];
    await started.preferences.update('ann', { updates }, true);
    isDown = true;
    await started.stop();
    clock.jump(clock.now() + 86_400_000);
    started = await start();
    expect(await tell(started, ['backend'])).toEqual(expected.map((line) => line.replace('ann@', 'ann@home.')));
  });

  /** As alerts do it: within a transaction, which waits for nobody. */
  async function alert(started: Notifications, part: Partial<NotificationRequest>) {
    const request = {
      ...{ type: 'alert.firing', severity: 'error' as const, message: 'fire', data: {}, addresses: [], users: [] },
      ...{ defaultRecipients: false, critical: false, episodeId: 'e', ...part },
    };
    const { id } = await store.transaction((db) => started.enqueue(db, request));
    return async () =>
      (await started.get(id))!.deliveries
        .filter(({ status }) => status !== 'canceled')
        .map(({ channel, recipient, reason }) => [channel, recipient, reason].filter(Boolean).join(' '))
        .sort();
  }
  const unconfigured = (name: string) => `email ${name}@example.org channel_not_configured`;
  const afterSeconds = (check: () => Promise<void>) =>
    eventually(async () => {
      await clock.advance(1000);
      await check();
    });

  it('tells somebody never heard of by all channels as soon as the directory answers, members of groups too', async () => {
    const started = await start();
    const toAnn = await alert(started, { users: ['ann'] });
    const toGroup = await alert(started, { users: ['group:backend'], episodeId: 'f' });
    expect(await toAnn()).toEqual(['email ann directory', 'in_app ann']);
    expect(await toGroup()).toEqual(['email group:backend directory']);
    await afterSeconds(async () => {
      expect(await toAnn()).toEqual([unconfigured('ann'), 'in_app ann', 'sms +33612345678 channel_not_configured']);
      expect((await toGroup()).filter((line) => line.startsWith('in_app'))).toEqual(['in_app ann', 'in_app bob']);
      expect(await toGroup()).toContain(unconfigured('bob'));
    });
    const [email] = (await started.list({ userId: 'ann', limit: 10, start: 0, end: clock.now() + 1 }))[0]!.deliveries;
    expect(email!.trace[0]).toMatchObject({ rule: 'user directory', result: expect.stringMatching(/^answered after/) });
    // Nobody has to ask again.
    expect(await (await alert(started, { users: ['ann'], episodeId: 'g' }))()).toContain(unconfigured('ann'));
  });

  it('waits for a directory that is down over a restart, and lets a resolve take the place of its firing', async () => {
    isDown = true;
    let started = await start();
    const fired = await alert(started, { users: ['bob'] });
    const resolve = { type: 'alert.resolved', users: [], followsEpisode: true };
    await clock.advance(20_000);
    const resolved = await alert(started, resolve);
    expect(await fired()).toEqual(['in_app bob']);
    expect(await resolved()).toEqual(['email bob directory', 'in_app bob']);
    await started.stop();
    isDown = false;
    started = await start();
    const again = (await started.list({ userId: 'bob', limit: 10, start: 0, end: clock.now() + 1 }))[0]!;
    expect(again.type).toBe('alert.resolved');
    await afterSeconds(async () => {
      const { deliveries } = (await started.get(again.id))!;
      expect(deliveries.map(({ channel, recipient }) => `${channel} ${recipient}`).sort()).toEqual([
        ...['email bob@example.org', 'in_app bob'],
      ]);
    });
  });

  it('sends what is critical to the fallback meanwhile, and says so where nobody answers in time', async () => {
    isDown = true;
    const fallback = { channel: 'email' as const, address: 'on-call@example.org' };
    const started = await start({ preferences: { ...NO_DEFAULTS, criticalFallback: fallback } });
    const told = await alert(started, { users: ['zoe'], critical: true });
    await afterSeconds(async () => expect(await told()).toContain(unconfigured('on-call')));
    expect(await told()).toContain('email zoe directory');
    clock.jump(clock.now() + 2 * 3_600_000);
    await afterSeconds(async () => expect(await told()).toContain('email zoe no_target'));
    isDown = false;
    clock.jump(clock.now() + 60_000);
    const known = await alert(started, { users: ['yves'], episodeId: 'y' });
    await afterSeconds(async () => expect(await known()).toEqual(['email yves no_target', 'in_app yves']));
  });

  it('does not hide that a group has nobody', async () => {
    const started = await start();
    expect(await tell(started, ['nobody'])).toEqual(['in_app group:nobody']);
  });
});
