import { describe, expect, it } from 'vitest';
import { createChannels } from '../channels/index.ts';
import { systemClock } from '../model/clock.ts';
import { type PlannedRequest, planDeliveries } from './plan.ts';
import {
  NO_DEFAULTS,
  nobodyYet,
  type OrganisationDefaults,
  type UserPreferences,
} from './preferences/user-preferences.ts';

const ALL = createChannels(
  {
    smtp: { url: 'smtp://127.0.0.1:1', from: 'a@example.org' },
    webhook: { url: 'https://example.org/hook' },
    slackWebhookUrl: 'https://hooks.slack.com/services/x',
    webhookAllowList: [],
  },
  systemClock,
).byName;
const NONE = createChannels({ webhookAllowList: [] }, systemClock).byName;

const ANN: UserPreferences = {
  ...nobodyYet('ann'),
  channels: { email: { minSeverity: 'warning' } },
  contacts: { email: [open('ann@example.org')], sms: [open('+33612345678')] },
  types: new Map([['report', { email: { enabled: false }, in_app: { enabled: false } }]]),
};
const BOB: UserPreferences = {
  ...nobodyYet('bob'),
  channels: { in_app: { enabled: false } },
  contacts: { email: [open('ann@example.org')] },
};

function open(address: string) {
  return { address, verified: true };
}

/** The plan as lines: channel, recipient, and why not. */
function plan(
  part: Partial<PlannedRequest>,
  channels = ALL,
  defaults = { users: ['bob'], emails: ['ops@example.org'] },
) {
  const request: PlannedRequest = {
    type: 'message',
    severity: 'warning',
    data: {},
    users: [],
    addresses: [],
    defaultRecipients: false,
    critical: false,
    ...part,
  };
  return lines(request, [ANN, BOB], {}, channels, defaults);
}

function lines(
  request: PlannedRequest,
  users: readonly UserPreferences[],
  organisation: Partial<OrganisationDefaults> = {},
  channels = ALL,
  defaults: { users: string[]; emails: string[] } = { users: [], emails: [] },
) {
  return planDeliveries(request, {
    ...{ channels, defaults, organisation: { ...NO_DEFAULTS, ...organisation } },
    preferences: new Map(users.map((user) => [user.userId, user])),
    closed: [
      { channel: 'email', address: 'gone@example.org', type: 'news.*', reason: 'unsubscribed', detail: 'asked to' },
    ],
    now: Date.UTC(2026, 0, 5, 22, 30),
    isOnline: (userId) => userId === 'online',
  }).map(({ channel, recipient, suppressed, hold }) =>
    [
      ...[channel, recipient],
      ...(suppressed ? [suppressed.reason] : hold ? [hold.why, new Date(hold.until).toISOString().slice(5, 16)] : []),
    ].join(' '),
  );
}

const NOTICE: PlannedRequest = {
  ...{ type: 'deploy.done', severity: 'info', data: { labels: { service: 'shop' } }, users: ['eve'], addresses: [] },
  ...{ defaultRecipients: false, critical: false },
};
const EVE: UserPreferences = { ...nobodyYet('eve'), contacts: { email: [open('eve@example.org')] } };
const NIGHT = { windows: [{ start: '22:00', end: '07:00' }] };

describe('the order of decisions', () => {
  const withMail = (email: UserPreferences['channels']['email'], rest: Partial<UserPreferences> = {}) =>
    lines(NOTICE, [{ ...EVE, channels: { email: email! }, ...rest }])[0];

  it.each<[string, string, Partial<UserPreferences>, Partial<OrganisationDefaults>]>([
    ['nothing is decided', 'email eve@example.org', {}, {}],
    [
      'the organisation has it off',
      'email eve@example.org preference',
      {},
      { channels: { email: { enabled: false } } },
    ],
    [
      'the default of the type goes before that of the channel',
      'email eve@example.org',
      {},
      {
        channels: { email: { enabled: false } },
        types: new Map([['deploy.*', { channels: { email: { enabled: true } } }]]),
      },
    ],
    [
      "the user's channel goes before the defaults",
      'email eve@example.org preference',
      { channels: { email: { enabled: false } } },
      { types: new Map([['deploy.done', { channels: { email: { enabled: true } } }]]) },
    ],
    [
      'the category goes before the channel',
      'email eve@example.org',
      {
        channels: { email: { enabled: false } },
        types: new Map([['deploy.*', { email: { enabled: true } }]]),
      },
      {},
    ],
    [
      'the type goes before the category',
      'email eve@example.org preference',
      {
        types: new Map([
          ['deploy.*', { email: { enabled: true } }],
          ['deploy.done', { email: { enabled: false } }],
        ]),
      },
      {},
    ],
    [
      'undecided for the type is not no',
      'email eve@example.org',
      { types: new Map([['deploy.done', { email: {} }]]) },
      {},
    ],
    ['the least severity for every channel', 'email eve@example.org preference', { minSeverity: 'warning' }, {}],
    [
      "the channel's own least severity goes before it",
      'email eve@example.org',
      { minSeverity: 'warning', channels: { email: { minSeverity: 'info' } } },
      {},
    ],
    ['a user who is switched off', 'email eve@example.org user_disabled', { disabled: true }, {}],
    [
      'an address that nobody has shown to be theirs',
      'email eve@example.org unverified',
      { contacts: { email: [{ address: 'eve@example.org', verified: false }] } },
      {},
    ],
    [
      'labels that are not met',
      'email eve@example.org preference',
      { channels: { email: { matchers: ['service=~"pay.*"'] } } },
      {},
    ],
    ['labels that are', 'email eve@example.org', { channels: { email: { matchers: ['service=~"sh.*"'] } } }, {}],
  ])('%s', (_what, expected, user, organisation) => {
    expect(lines(NOTICE, [{ ...EVE, ...user }], organisation)[0]).toBe(expected);
  });

  it('holds, drops or lets pass in quiet hours, by the clock of the user', () => {
    expect(withMail({ quietHours: NIGHT })).toBe('email eve@example.org quiet_hours 01-06T07:00');
    expect(withMail({ quietHours: NIGHT }, { timeZone: 'America/New_York' })).toBe('email eve@example.org');
    expect(withMail({ quietHours: { ...NIGHT, policy: 'drop' } })).toBe('email eve@example.org quiet_hours_drop');
    expect(withMail({ quietHours: { policy: 'allow' } }, { quietHours: NIGHT })).toBe('email eve@example.org');
    expect(lines({ ...NOTICE, critical: true }, [{ ...EVE, quietHours: NIGHT }])[0]).toBe('email eve@example.org');
  });

  it('collects for digests, and waits for eyes that are there', () => {
    expect(withMail({ digest: 'daily@09:30' })).toBe('email eve@example.org digest 01-06T09:30');
    expect(withMail({ unseenForMs: 600_000 })).toBe('email eve@example.org unseen 01-05T22:40');
    const online = { ...EVE, userId: 'online' };
    expect(lines({ ...NOTICE, users: ['online'] }, [online])[0]).toBe('email eve@example.org unseen 01-05T22:32');
    expect(lines({ ...NOTICE, users: ['online'], type: 'alert.firing' }, [online])[0]).toBe('email eve@example.org');
  });

  it('waits for the time that the sender names, the inbox too', () => {
    const sendAt = Date.UTC(2026, 0, 6, 3);
    expect(lines({ ...NOTICE, sendAt }, [EVE])).toEqual([
      'email eve@example.org send_at 01-06T03:00',
      'in_app eve send_at 01-06T03:00',
    ]);
  });

  it('tries one channel after the other', () => {
    const user = { ...EVE, contacts: { ...EVE.contacts, webhook: [open('https://example.org/eve')] } };
    const request: PlannedRequest = {
      ...NOTICE,
      channels: ['sms', 'webhook', 'email'],
      fallback: { afterMs: 300_000 },
    };
    expect(lines(request, [user])).toEqual([
      'email eve@example.org fallback 01-05T22:35',
      'sms eve channel_not_configured',
      'webhook https://example.org/…',
      'in_app eve',
    ]);
  });

  it('sees to it that what is critical interrupts', () => {
    const request: PlannedRequest = { ...NOTICE, critical: true, channels: ['sms'] };
    expect(lines(request, [EVE])).toEqual(['sms eve channel_not_configured', 'in_app eve', 'email eve@example.org']);
    const criticalFallback = { channel: 'email' as const, address: 'on-call@example.org' };
    expect(lines(request, [nobodyYet('eve')], { criticalFallback })).toEqual([
      'sms eve channel_not_configured',
      'in_app eve',
      'email on-call@example.org',
    ]);
  });

  it('leaves closed addresses alone', () => {
    const user = { ...EVE, contacts: { email: [open('gone@example.org')] } };
    expect(lines({ ...NOTICE, type: 'news.weekly' }, [user])[0]).toBe('email gone@example.org unsubscribed');
    expect(lines(NOTICE, [user])[0]).toBe('email gone@example.org');
  });
});

describe('planDeliveries', () => {
  it('reaches a user wherever an address is known', () => {
    expect(plan({ users: ['ann'] })).toEqual([
      'email ann@example.org',
      'sms +33612345678 channel_not_configured',
      'in_app ann',
    ]);
    expect(plan({ users: ['stranger'] })).toEqual(['in_app stranger']);
  });

  it('takes the channels that are named, and the inbox', () => {
    expect(plan({ users: ['ann'], channels: ['email'] })).toEqual(['email ann@example.org', 'in_app ann']);
    expect(plan({ users: ['stranger'], channels: ['email'] })).toEqual(['email stranger no_target', 'in_app stranger']);
    expect(plan({ users: ['stranger'], channels: ['slack'] })).toEqual([
      'slack https://hooks.slack.com/…',
      'in_app stranger',
    ]);
    expect(plan({ users: ['ann'], channels: ['slack'] }, NONE)).toEqual([
      'slack ann channel_not_configured',
      'in_app ann',
    ]);
  });

  it('listens to preferences: the type before the channel, then the severity', () => {
    expect(plan({ users: ['ann'], type: 'report', channels: ['email'] })).toEqual([
      'email ann@example.org preference',
      'in_app ann preference',
    ]);
    expect(plan({ users: ['ann'], severity: 'info', channels: ['email'] })).toEqual([
      'email ann@example.org preference',
      'in_app ann',
    ]);
    expect(plan({ users: ['ann'], type: 'report', channels: ['email'], critical: true })).toEqual([
      'email ann@example.org',
      'in_app ann',
    ]);
  });

  it('lets a given address stand in for the own one', () => {
    const part = { users: ['ann'], channels: ['email'] as const, overrides: { email: 'x@example.org' } };
    expect(plan(part)).toEqual(['email x@example.org', 'in_app ann']);
  });

  it('reaches the default recipients on every default channel', () => {
    expect(plan({ defaultRecipients: true })).toEqual([
      'email ann@example.org',
      'in_app bob preference',
      'email ops@example.org',
      'slack https://hooks.slack.com/…',
      'webhook https://example.org/…',
    ]);
    expect(plan({ defaultRecipients: true }, NONE)).toEqual([
      'email ann@example.org channel_not_configured',
      'in_app bob preference',
      'email ops@example.org channel_not_configured',
    ]);
    expect(plan({ defaultRecipients: true }, NONE, { users: [], emails: [] })).toEqual([]);
  });

  it('takes channels alone for their default recipients', () => {
    expect(plan({ channels: ['slack'] }, ALL, { users: [], emails: ['ops@example.org'] })).toEqual([
      'slack https://hooks.slack.com/…',
    ]);
    expect(plan({ channels: ['teams'] }, ALL, { users: [], emails: [] })).toEqual([
      'teams teams channel_not_configured',
    ]);
  });

  it('tells nobody twice', () => {
    // Ann and Bob share a mailbox; one of the addresses is given outright as well.
    const addresses = [{ channel: 'email' as const, address: 'ann@example.org' }];
    expect(plan({ users: ['ann', 'bob', 'ann'], channels: ['email', 'slack'], addresses })).toEqual([
      'email ann@example.org',
      'slack https://hooks.slack.com/…',
      'in_app ann',
      'in_app bob preference',
    ]);
    // Ann wants none of this by mail, Bob does: the mail goes out.
    expect(plan({ users: ['ann', 'bob'], channels: ['email'], severity: 'info' })[0]).toBe('email ann@example.org');
  });

  it('records an address that is none', () => {
    expect(plan({ addresses: [{ channel: 'email', address: 'nobody' }] })).toEqual(['email nobody invalid_address']);
  });
});
