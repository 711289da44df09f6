import type { Channels } from '../channels/index.ts';
import type { ChannelName, SilenceReason } from '../model/notification-request.ts';
import type { Hold } from './holding/hold.ts';
import { classOf } from './lifecycle.ts';
import type { TraceStep } from './preferences/decide.ts';
import type { Digest } from './preferences/digest.ts';
import { categoryOf } from './preferences/user-preferences.ts';

/** One delivery to be made, or to be recorded as not made. */
export interface PlannedDelivery {
  readonly channel: ChannelName;
  /** Empty: the channel's configured endpoint, or none. */
  readonly address: string;
  readonly recipient: string;
  readonly userId: string | null;
  /** `undefined`: it goes out. */
  readonly suppressed: { readonly reason: SuppressReason; readonly detail: string } | undefined;
  /** What it waits for before it goes out. */
  readonly hold?: Hold;
  /** Set: it stands for what is sent when it is known who its recipient is. */
  readonly deferred?: DeferredRequest;
  /** Its place in a chain of channels. */
  readonly chainStep?: number;
  /** BCP 47, where the user has one. */
  readonly locale?: string;
  readonly trace: readonly TraceStep[];
}

/** What of a request counts for recipients who are not known yet, besides what is kept of it anyway. */
export interface DeferredRequest {
  readonly channels?: readonly ChannelName[];
  readonly overrides?: Readonly<Partial<Record<ChannelName, string>>>;
  readonly fallback?: { readonly afterMs?: number };
  readonly locale?: string;
  readonly sendAt?: number;
  readonly digest?: Digest;
  readonly unseenForMs?: number;
}

type SuppressReason =
  | 'preference'
  | 'user_disabled'
  | 'quiet_hours_drop'
  | 'channel_not_configured'
  | 'no_target'
  | 'invalid_address'
  | 'unverified'
  | 'unsubscribed'
  | 'bounced'
  | SilenceReason;

/** An address that its owner, or its provider, has closed. */
export interface ClosedAddress {
  readonly channel: string;
  readonly address: string;
  /** Of notifications; empty: every type. */
  readonly type: string;
  readonly reason: string;
  readonly detail: string;
}

export interface TargetContext {
  readonly channels: Channels['byName'];
  readonly closed: readonly ClosedAddress[];
}

interface Target {
  readonly recipient: string;
  readonly suppressed: PlannedDelivery['suppressed'];
  readonly trace: readonly TraceStep[];
}

/** The hard stops, which nothing overrides: what cannot be sent. */
export function targetOf(
  request: { readonly type: string },
  channel: Exclude<ChannelName, 'in_app'>,
  address: string,
  context: TargetContext,
): Target {
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
  const closed = closedBy(request.type, channel, address, context.closed);
  if (closed) {
    const { reason, detail } = closed;
    const suppressed = { reason: reason === 'bounced' ? ('bounced' as const) : ('unsubscribed' as const), detail };
    return {
      recipient: built.describe(address),
      suppressed,
      trace: [...trace, { rule: 'address open', result: detail }],
    };
  }
  return { recipient: hasTarget ? built.describe(address) : '', suppressed: undefined, trace };
}

/** What closes the address for this type of notifications. */
export function closedBy(
  type: string,
  channel: ChannelName,
  address: string,
  closed: readonly ClosedAddress[],
): ClosedAddress | undefined {
  // Of notices alone: alerts and pages still arrive.
  const isNotice = classOf({ critical: false, type }) === 'notice';
  const types = ['', type, categoryOf(type), ...(isNotice ? ['notice'] : [])];
  return closed.find((one) => one.channel === channel && one.address === address && types.includes(one.type));
}

export function planForAddress(
  request: { readonly type: string },
  channel: ChannelName,
  address: string,
  rule: string,
  context: TargetContext,
): PlannedDelivery {
  if (channel === 'in_app') {
    return { channel, address, recipient: address, userId: address, suppressed: undefined, trace: [] };
  }
  const target = targetOf(request, channel, address, context);
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

export function unverified(recipient: string) {
  const detail = `${recipient} is not verified yet: the code that was sent there is missing; POST /api/notifications/preferences/{user_id}/verify`;
  return { reason: 'unverified' as const, detail };
}

export function noTarget(userId: string, channel: ChannelName) {
  const detail = `no ${channel} address of ${userId} is known; set one: POST /api/notifications/preferences {"user_id", "channel": "${channel}", "address"}, or send "to"`;
  return { reason: 'no_target' as const, detail };
}
