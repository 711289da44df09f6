import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { controlBackends, type TestDatabase } from '../../../../tests/support/control-stores.ts';
import { VirtualClock } from '../../../../tests/support/virtual-clock.ts';
import { ConfigMap } from '../../lib/config-map.ts';
import type { Issue } from '../../model/errors.ts';
import type { ControlStore } from '../../stores/control/index.ts';
import { Notifications } from '../notifications.ts';
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

  async function start() {
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
      settings: { webhookAllowList: [], alertUsers: [], alertEmailTo: [], people },
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

  it('does not hide that a group has nobody', async () => {
    const started = await start();
    expect(await tell(started, ['nobody'])).toEqual(['in_app group:nobody']);
  });
});
