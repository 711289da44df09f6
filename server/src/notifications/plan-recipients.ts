import type { Channels } from '../channels/index.ts';
import type { ChannelName } from '../model/notification-request.ts';
import { type Executor, suppressionsOf } from '../stores/control/index.ts';
import { expandGroups, GROUP_PREFIX, type People } from './directory/person.ts';
import { type DefaultRecipients, type PlannedRequest, planDeliveries } from './plan.ts';
import type { DeferredRequest, PlannedDelivery } from './plan-target.ts';
import { loadPreferences } from './preferences/load-preferences.ts';
import { addressesOf, type OrganisationDefaults } from './preferences/user-preferences.ts';

export interface RecipientContext {
  readonly channels: Channels['byName'];
  readonly defaults: DefaultRecipients;
  readonly organisation: OrganisationDefaults;
  readonly people: People;
  readonly isOnline: (userId: string) => boolean;
  readonly now: number;
}

/** How soon the answer of the user directory is looked for. */
const FIRST_LOOK_MS = 1000;

/**
 * Who gets the request how, with groups as their members. For those of whom the user directory was not heard yet a
 * delivery waits that becomes others when it answers; not for `givenUp`, who are taken as they are known.
 */
export async function planRecipients(
  db: Executor,
  asked: PlannedRequest,
  context: RecipientContext,
  givenUp: ReadonlySet<string> = new Set(),
): Promise<PlannedDelivery[]> {
  const { people, defaults, now } = context;
  const { users: recipients, empty } = expandGroups([...asked.users, ...ownersOf(asked, people)], people);
  const request = { ...asked, users: recipients };
  const users = [...new Set([...request.users, ...defaults.users])];
  const preferences = await loadPreferences(db, users, people);
  const given = [...request.addresses.map(({ address }) => address), ...Object.values(request.overrides ?? {})];
  const own = [...preferences.values()].flatMap(addressesOf);
  const closed = await suppressionsOf(db, [...new Set([...own, ...given, ...defaults.emails])]);
  const isAwaited = (name: string) => !asked.suppressed && !givenUp.has(name) && people.isUnknown(name);
  const told = asked.defaultRecipients ? users : request.users;
  const awaited = new Set([...told, ...empty].filter(isAwaited));
  const planned = planDeliveries(request, { ...context, preferences, closed, awaited });
  return [
    ...planned.filter(({ userId, suppressed }) => !awaited.has(userId ?? '') || suppressed?.reason !== 'no_target'),
    ...empty.filter((group) => !awaited.has(group)).map(nobodyIn),
    ...[...awaited].map((name) => whenKnown(name, asked, now)),
  ];
}

/** Where nobody is named, the owner of the service hears of its alerts. */
function ownersOf({ defaultRecipients, data, type }: PlannedRequest, people: People): string[] {
  if (!defaultRecipients || !/^alert(\.|$)/.test(type) || typeof data.service !== 'string') return [];
  const owner = people.ownerOf(data.service);
  return owner === undefined ? [] : [owner];
}

/** A record of a group without members: nobody hears of it, and that must be seen. */
function nobodyIn(group: string): PlannedDelivery {
  const detail = `${group} has no members: add it under groups in the configuration, or to the user directory`;
  return {
    ...{ channel: 'in_app', address: '', recipient: group, userId: null, trace: [{ rule: 'group', result: 'empty' }] },
    suppressed: { reason: 'no_target', detail },
  };
}

/** What stands for the addresses of somebody, or for the members of a group, until these are known. */
function whenKnown(name: string, request: PlannedRequest, now: number): PlannedDelivery {
  const { channels, overrides, fallback, locale, sendAt, digest, unseenForMs } = request;
  const deferred: DeferredRequest = {
    ...(channels && { channels }),
    ...(overrides && { overrides }),
    ...(fallback && { fallback }),
    ...(locale !== undefined && { locale }),
    ...(sendAt !== undefined && { sendAt }),
    ...(digest !== undefined && { digest }),
    ...(unseenForMs !== undefined && { unseenForMs }),
  };
  const sending = (channel: ChannelName) => channel !== 'in_app';
  const detail = `waits for the user directory, which was not heard about ${name} yet`;
  return {
    ...{ channel: channels?.find(sending) ?? 'email', address: '', recipient: name, suppressed: undefined, deferred },
    userId: name.startsWith(GROUP_PREFIX) ? null : name,
    hold: { until: now + FIRST_LOOK_MS, why: 'directory', detail },
    trace: [{ rule: 'user directory', result: detail }],
  };
}
