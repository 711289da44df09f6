import { describe, expect, it } from 'vitest';
import { createChannels } from '../channels/index.ts';
import { systemClock } from '../model/clock.ts';
import { type PlannedRequest, planDeliveries } from './plan.ts';
import type { UserPreferences } from './preferences.ts';

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
  userId: 'ann',
  channels: { email: { address: 'ann@example.org', minSeverity: 'warning' }, sms: { address: '+33612345678' } },
  types: new Map([['report', { email: { enabled: false }, in_app: { enabled: false } }]]),
};
const BOB: UserPreferences = {
  userId: 'bob',
  channels: { email: { address: 'ann@example.org' }, in_app: { enabled: false } },
  types: new Map(),
};

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
  const preferences = new Map([ANN, BOB].map((user) => [user.userId, user]));
  return planDeliveries(request, { channels, preferences, defaults }).map(({ channel, recipient, suppressed }) =>
    [channel, recipient, ...(suppressed ? [suppressed.reason] : [])].join(' '),
  );
}

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
