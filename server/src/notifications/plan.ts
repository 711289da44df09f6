import type { Channels } from '../channels/index.ts';
import { formatInstant } from '../lib/instant.ts';
import { CHANNEL_NAMES, type ChannelName, type NotificationRequest } from '../model/notification-request.ts';
import { type Hold, holdFor } from './holding/hold.ts';
import {
  type ClosedAddress,
  noTarget,
  type PlannedDelivery,
  planForAddress,
  targetOf,
  unverified,
} from './plan-target.ts';
import { decideByPreferences } from './preferences/decide.ts';
import type { Digest } from './preferences/digest.ts';
import {
  type Contact,
  categoryOf,
  type FallbackChain,
  nobodyYet,
  type OrganisationDefaults,
  type UserPreferences,
} from './preferences/user-preferences.ts';

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
  /** Nothing leaves earlier. Unix milliseconds. */
  readonly sendAt?: number;
  /** For users who have not decided about digests. */
  readonly digest?: Digest;
  /** Likewise: by other channels only what is not seen in the inbox within so many milliseconds. */
  readonly unseenForMs?: number;
  /** True: `channels` are tried one after the other. */
  readonly fallback?: Pick<FallbackChain, 'afterMs'>;
}

export interface PlanContext {
  readonly channels: Channels['byName'];
  readonly preferences: ReadonlyMap<string, UserPreferences>;
  readonly defaults: DefaultRecipients;
  readonly organisation: OrganisationDefaults;
  readonly closed: readonly ClosedAddress[];
  readonly now: number;
  readonly isOnline: (userId: string) => boolean;
  /** Users whose addresses are being asked for. */
  readonly awaited?: ReadonlySet<string>;
}

/** For longer than anything is tried. */
const ONLY_ON_FAILURE = 72 * 3_600_000;

/** Who gets the notification how, and who does not and why. Nobody gets it twice at the same address. */
export function planDeliveries(request: PlannedRequest, context: PlanContext): PlannedDelivery[] {
  const toDefaults = request.defaultRecipients || namesChannelsOnly(request);
  const users = [...new Set([...request.users, ...(toDefaults ? context.defaults.users : [])])];
  const planned = [
    ...users.flatMap((userId) => planForUser(request, userId, context)),
    ...request.addresses.map(({ channel, address }) =>
      planForAddress(request, channel, address, 'given address', context),
    ),
    ...(toDefaults ? planForDefaults(request, context) : []),
  ];
  return withoutRepetitions(planned).map((delivery) => later(keptBack(delivery, request.suppressed), request, context));
}

/** True where the operator has declared the type, or its category, critical. */
export function isCriticalType(type: string, { types }: OrganisationDefaults): boolean {
  return (types.get(type)?.critical ?? types.get(categoryOf(type))?.critical) === true;
}

/** What would have gone out does not; what would not, keeps its own reason. */
function keptBack(delivery: PlannedDelivery, suppressed: PlannedRequest['suppressed']): PlannedDelivery {
  if (!suppressed || delivery.suppressed) return delivery;
  return { ...delivery, suppressed, trace: [...delivery.trace, { rule: 'alert', result: suppressed.detail }] };
}

/** What the sender wants said later waits for that first; everything else is asked again then. */
function later(delivery: PlannedDelivery, { sendAt }: PlannedRequest, { now }: PlanContext): PlannedDelivery {
  if (delivery.suppressed || sendAt === undefined || sendAt <= now) return delivery;
  const { hold, trace } = delivery;
  // What waits for another channel waits as long as before, only later.
  if (hold?.why.startsWith('fallback')) return { ...delivery, hold: { ...hold, until: hold.until + sendAt - now } };
  const detail = `scheduled for ${formatInstant(sendAt)}`;
  return {
    ...delivery,
    hold: { until: sendAt, why: 'send_at', detail },
    trace: [...trace, { rule: 'send at', result: detail }],
  };
}

/** `channels` alone mean these channels' default recipients. */
function namesChannelsOnly(request: PlannedRequest): boolean {
  return request.channels !== undefined && request.users.length === 0 && request.addresses.length === 0;
}

function planForUser(request: PlannedRequest, userId: string, context: PlanContext): PlannedDelivery[] {
  const user = context.preferences.get(userId) ?? nobodyYet(userId);
  const reachable = CHANNEL_NAMES.filter((channel) => {
    if (channel === 'in_app') return true;
    // Without channels named, all of those that the user can be reached by.
    return request.channels?.includes(channel) ?? (user.contacts[channel]?.length ?? 0) > 0;
  });
  const planned = reachable.flatMap((channel) => planForUserChannel(request, user, channel, context));
  const isAwaited = context.awaited?.has(userId) === true;
  const complete = request.critical && !isAwaited ? withInterruption(planned, request, user, context) : planned;
  const chain = request.fallback
    ? { ...request.fallback, channels: request.channels ?? [] }
    : request.channels === undefined
      ? user.fallback
      : undefined;
  const inOrder = chain ? chained(complete, chain, context.now) : complete;
  const locale = request.locale ?? user.locale;
  const hasInboxItem = inOrder.some(({ channel, suppressed }) => channel === 'in_app' && !suppressed);
  return inOrder
    .map((delivery) => waiting(delivery, request, user, hasInboxItem, context))
    .map((delivery) => (locale === undefined ? delivery : { ...delivery, locale }));
}

/** With what the user has decided about the time at which to be told. */
function waiting(
  delivery: PlannedDelivery,
  request: PlannedRequest,
  user: UserPreferences,
  hasInboxItem: boolean,
  context: PlanContext,
): PlannedDelivery {
  if (delivery.suppressed || delivery.hold) return delivery;
  const subject = { ...request, channelsNamed: request.channels !== undefined, hasInboxItem };
  const { hold, dropped, trace } = holdFor(user, delivery.channel, subject, context);
  const told = { ...delivery, trace: [...delivery.trace, ...trace] };
  if (dropped !== undefined) return { ...told, suppressed: { reason: 'quiet_hours_drop', detail: dropped } };
  return hold ? { ...told, hold } : told;
}

/** What is critical interrupts: where the channels meant cannot, another one of the user's does, or the fallback. */
function withInterruption(
  planned: readonly PlannedDelivery[],
  request: PlannedRequest,
  user: UserPreferences,
  context: PlanContext,
): PlannedDelivery[] {
  const interrupts = ({ channel, suppressed }: PlannedDelivery) => channel !== 'in_app' && !suppressed;
  if (planned.some(interrupts)) return [...planned];
  const marked = (delivery: PlannedDelivery, result: string) => ({
    ...delivery,
    trace: [...delivery.trace, { rule: 'critical override', result }],
  });
  const tried = new Set(planned.map(({ channel }) => channel));
  const others = CHANNEL_NAMES.filter((channel) => !tried.has(channel) && user.contacts[channel]?.length);
  for (const channel of others) {
    const found = planForUserChannel(request, user, channel, context).filter(interrupts);
    if (found.length > 0) {
      return [
        ...planned,
        ...found.map((one) => marked(one, `stands in: nothing else that interrupts reaches ${user.userId}`)),
      ];
    }
  }
  const { criticalFallback } = context.organisation;
  if (criticalFallback) {
    const { channel, address } = criticalFallback;
    const fallback = planForAddress(request, channel, address, 'critical_fallback', context);
    return [...planned, marked(fallback, `stands in: nothing that interrupts reaches ${user.userId}`)];
  }
  const warning = `warning: nothing that interrupts reaches ${user.userId}; set an address, or critical_fallback`;
  return planned.map((delivery) => (delivery.channel === 'in_app' ? marked(delivery, warning) : delivery));
}

/** The first channel of the chain that can be sent goes out, each other one waits for those before it. */
function chained(planned: readonly PlannedDelivery[], chain: FallbackChain, now: number): PlannedDelivery[] {
  const { channels, afterMs } = chain;
  const sendable = channels.filter((name) =>
    planned.some(({ channel, suppressed }) => channel === name && !suppressed),
  );
  return planned.map((delivery) => {
    const chainStep = sendable.indexOf(delivery.channel);
    if (chainStep < 0 || delivery.suppressed) return delivery;
    if (chainStep === 0) return { ...delivery, chainStep };
    const before = sendable[chainStep - 1]!;
    const until = now + (afterMs === undefined ? ONLY_ON_FAILURE : afterMs * chainStep);
    const detail =
      afterMs === undefined
        ? `only if ${before} fails`
        : `only if ${before} fails or it is not read by ${formatInstant(until)}`;
    const hold: Hold = { until, why: afterMs === undefined ? 'fallback_on_failure' : 'fallback', detail };
    return { ...delivery, chainStep, hold, trace: [...delivery.trace, { rule: 'fallback', result: detail }] };
  });
}

/** To all of the user's addresses. */
function planForUserChannel(
  request: PlannedRequest,
  user: UserPreferences,
  channel: ChannelName,
  context: PlanContext,
): PlannedDelivery[] {
  const { userId } = user;
  const decision = decideByPreferences(user, context.organisation, channel, request);
  const stop = user.disabled
    ? { reason: 'user_disabled' as const, detail: `${userId} is switched off as a recipient` }
    : decision.allowed
      ? undefined
      : { reason: 'preference' as const, detail: decision.detail };
  if (channel === 'in_app') {
    return [{ channel, address: userId, recipient: userId, userId, suppressed: stop, trace: decision.trace }];
  }
  const override = request.overrides?.[channel];
  const own = user.contacts[channel] ?? [];
  const contacts: readonly Contact[] =
    override !== undefined
      ? [{ address: override, verified: true }]
      : own.length > 0
        ? own
        : [{ address: '', verified: true }];
  return contacts.map(({ address, verified }) => {
    const target = targetOf(request, channel, address, context);
    const source = override !== undefined ? 'given with the request' : 'from the preferences';
    const trace = [
      ...target.trace,
      ...decision.trace,
      { rule: 'address', result: address !== '' ? source : target.recipient !== '' ? 'configured endpoint' : 'none' },
    ];
    const base = { channel, address, recipient: target.recipient || userId, userId, trace };
    if (target.suppressed) return { ...base, suppressed: target.suppressed };
    if (!verified) return { ...base, suppressed: unverified(base.recipient) };
    if (stop) return { ...base, suppressed: stop };
    if (target.recipient === '') return { ...base, suppressed: noTarget(userId, channel) };
    return { ...base, suppressed: undefined };
  });
}

function planForDefaults(request: PlannedRequest, context: PlanContext): PlannedDelivery[] {
  const wanted = (channel: ChannelName) => request.channels?.includes(channel) ?? true;
  const planned: PlannedDelivery[] = [];
  for (const channel of CHANNEL_NAMES) {
    if (channel === 'in_app' || !wanted(channel)) continue;
    const named = request.channels?.includes(channel) ?? false;
    if (channel === 'email') {
      const rule = 'default recipient (ALERT_EMAIL_TO)';
      planned.push(
        ...context.defaults.emails.map((address) => planForAddress(request, 'email', address, rule, context)),
      );
    } else if (context.channels[channel].hasDefault || named) {
      planned.push(planForAddress(request, channel, '', 'default recipient', context));
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
