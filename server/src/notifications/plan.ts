import type { Channels } from '../channels/index.ts';
import {
  CHANNEL_NAMES,
  type ChannelName,
  type NotificationRequest,
  type SilenceReason,
} from '../model/notification-request.ts';
import { decideByPreferences, type TraceStep, type UserPreferences } from './preferences.ts';

export interface DefaultRecipients {
  readonly users: readonly string[];
  readonly emails: readonly string[];
}

/** A request, with what only callers within this module can say. */
export interface PlannedRequest extends NotificationRequest {
  /** Of the notification; left out: a new one. */
  readonly id?: string;
  /** BCP 47; which variant of the template everybody gets. */
  readonly locale?: string;
  /** Addresses that stand in for the users' own. */
  readonly overrides?: Readonly<Partial<Record<ChannelName, string>>>;
}

/** One delivery to be made, or to be recorded as not made. */
export interface PlannedDelivery {
  readonly channel: ChannelName;
  /** Empty: the channel's configured endpoint, or none. */
  readonly address: string;
  readonly recipient: string;
  readonly userId: string | null;
  /** `undefined`: it goes out. */
  readonly suppressed: { readonly reason: SuppressReason; readonly detail: string } | undefined;
  readonly trace: readonly TraceStep[];
}

type SuppressReason = 'preference' | 'channel_not_configured' | 'no_target' | 'invalid_address' | SilenceReason;

export interface PlanContext {
  readonly channels: Channels['byName'];
  readonly preferences: ReadonlyMap<string, UserPreferences>;
  readonly defaults: DefaultRecipients;
}

/** Who gets the notification how, and who does not and why. Nobody gets it twice at the same address. */
export function planDeliveries(request: PlannedRequest, context: PlanContext): PlannedDelivery[] {
  const toDefaults = request.defaultRecipients || namesChannelsOnly(request);
  const users = [...new Set([...request.users, ...(toDefaults ? context.defaults.users : [])])];
  const planned = [
    ...users.flatMap((userId) => planForUser(request, userId, context)),
    ...request.addresses.map(({ channel, address }) => planForAddress(channel, address, 'given address', context)),
    ...(toDefaults ? planForDefaults(request, context) : []),
  ];
  return withoutRepetitions(planned).map((delivery) => keptBack(delivery, request.suppressed));
}

/** What would have gone out does not; what would not, keeps its own reason. */
function keptBack(delivery: PlannedDelivery, suppressed: PlannedRequest['suppressed']): PlannedDelivery {
  if (!suppressed || delivery.suppressed) return delivery;
  return { ...delivery, suppressed, trace: [...delivery.trace, { rule: 'alert', result: suppressed.detail }] };
}

/** `channels` alone mean these channels' default recipients. */
function namesChannelsOnly(request: PlannedRequest): boolean {
  return request.channels !== undefined && request.users.length === 0 && request.addresses.length === 0;
}

function planForUser(request: PlannedRequest, userId: string, context: PlanContext): PlannedDelivery[] {
  const preferences: UserPreferences = context.preferences.get(userId) ?? { userId, channels: {}, types: new Map() };
  return CHANNEL_NAMES.flatMap((channel) => {
    const named = request.channels?.includes(channel) ?? false;
    if (channel !== 'in_app' && !named) {
      // Without channels named, all of those that the user can be reached by.
      if (request.channels !== undefined || preferences.channels[channel]?.address === undefined) return [];
    }
    return [planForUserChannel(request, preferences, channel, context)];
  });
}

function planForUserChannel(
  request: PlannedRequest,
  preferences: UserPreferences,
  channel: ChannelName,
  context: PlanContext,
): PlannedDelivery {
  const { userId } = preferences;
  const decision = decideByPreferences(preferences, channel, request);
  if (channel === 'in_app') {
    const suppressed = decision.allowed ? undefined : { reason: 'preference' as const, detail: decision.detail };
    return { channel, address: userId, recipient: userId, userId, suppressed, trace: decision.trace };
  }
  const address = request.overrides?.[channel] ?? preferences.channels[channel]?.address ?? '';
  const target = targetOf(channel, address, context);
  const source = request.overrides?.[channel] !== undefined ? 'given with the request' : 'from the preferences';
  const trace = [
    ...target.trace,
    ...decision.trace,
    { rule: 'address', result: address !== '' ? source : target.recipient !== '' ? 'configured endpoint' : 'none' },
  ];
  const base = { channel, address, recipient: target.recipient || userId, userId, trace };
  if (target.suppressed) return { ...base, suppressed: target.suppressed };
  if (!decision.allowed) return { ...base, suppressed: { reason: 'preference', detail: decision.detail } };
  if (target.recipient === '') return { ...base, suppressed: noTarget(userId, channel) };
  return { ...base, suppressed: undefined };
}

function noTarget(userId: string, channel: ChannelName) {
  const detail = `no ${channel} address of ${userId} is known; set one: POST /api/notifications/preferences {"user_id", "channel": "${channel}", "address"}, or send "to"`;
  return { reason: 'no_target' as const, detail };
}

interface Target {
  readonly recipient: string;
  readonly suppressed: PlannedDelivery['suppressed'];
  readonly trace: readonly TraceStep[];
}

/** The hard stops, which nothing overrides: what cannot be sent. */
function targetOf(channel: Exclude<ChannelName, 'in_app'>, address: string, context: PlanContext): Target {
  const built = context.channels[channel];
  const hasTarget = address !== '' || built.hasDefault;
  const missing = built.unavailable(address);
  if (missing !== undefined) {
    const trace = [{ rule: 'channel configured', result: 'no' }];
    // Only the configured endpoint of such a channel has a name to show.
    const recipient = address === '' ? '' : built.describe(address);
    return { recipient, suppressed: { reason: 'channel_not_configured', detail: missing }, trace };
  }
  const trace = [{ rule: 'channel configured', result: 'yes' }];
  const problem = address === '' ? undefined : built.checkAddress(address);
  if (problem !== undefined) {
    const recipient = built.describe(address);
    return { recipient, suppressed: { reason: 'invalid_address', detail: `${recipient} ${problem}` }, trace };
  }
  return { recipient: hasTarget ? built.describe(address) : '', suppressed: undefined, trace };
}

function planForAddress(channel: ChannelName, address: string, rule: string, context: PlanContext): PlannedDelivery {
  if (channel === 'in_app') {
    return { channel, address, recipient: address, userId: address, suppressed: undefined, trace: [] };
  }
  const target = targetOf(channel, address, context);
  const nobody = { reason: 'no_target' as const, detail: `${channel} has no default recipient; name one` };
  return {
    channel,
    address,
    recipient: target.recipient || channel,
    userId: null,
    suppressed: target.suppressed ?? (target.recipient === '' ? nobody : undefined),
    trace: [...target.trace, { rule: 'address', result: rule }],
  };
}

function planForDefaults(request: PlannedRequest, context: PlanContext): PlannedDelivery[] {
  const wanted = (channel: ChannelName) => request.channels?.includes(channel) ?? true;
  const planned: PlannedDelivery[] = [];
  for (const channel of CHANNEL_NAMES) {
    if (channel === 'in_app' || !wanted(channel)) continue;
    const named = request.channels?.includes(channel) ?? false;
    if (channel === 'email') {
      const rule = 'default recipient (ALERT_EMAIL_TO)';
      planned.push(...context.defaults.emails.map((address) => planForAddress('email', address, rule, context)));
    } else if (context.channels[channel].hasDefault || named) {
      planned.push(planForAddress(channel, '', 'default recipient', context));
    }
  }
  return planned;
}

/** The first of those with the same target stays, but one that goes out wins over one that does not. */
function withoutRepetitions(planned: readonly PlannedDelivery[]): PlannedDelivery[] {
  const kept = new Map<string, PlannedDelivery>();
  for (const delivery of planned) {
    // What has no address is told apart by whom it was for.
    const who = delivery.suppressed && delivery.address === '' ? delivery.recipient : '';
    const key = [delivery.channel, delivery.address, who].join('\n');
    const earlier = kept.get(key);
    if (!earlier || (earlier.suppressed && !delivery.suppressed)) kept.set(key, delivery);
  }
  return [...kept.values()];
}
