import { formatInstant } from '../../lib/instant.ts';
import type { ChannelName } from '../../model/notification-request.ts';
import { decided, layersOf, type Subject, type TraceStep } from '../preferences/decide.ts';
import { type Digest, nextDigest } from '../preferences/digest.ts';
import { quietUntil } from '../preferences/quiet-hours.ts';
import type { OrganisationDefaults, UserPreferences } from '../preferences/user-preferences.ts';

/** What a delivery waits for outside of its lane, in the order in which the reasons are asked. */
const HOLD_REASONS = [
  /** That the user directory says who its recipient is. */
  'directory',
  /** A time that the sender named. */
  'send_at',
  /** An earlier channel of its chain: that it fails, or is not read in time. */
  'fallback',
  /** The same, but only that it fails. */
  'fallback_on_failure',
  /** That its item is seen in the inbox, and it need not be sent at all. */
  'unseen',
  'quiet_hours',
  'digest',
  'rate_limited',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

export interface Hold {
  /** Unix milliseconds. */
  readonly until: number;
  readonly why: HoldReason;
  /** For people. */
  readonly detail: string;
}

export interface Waiting {
  readonly hold?: Hold;
  /** Set: it is not sent at all. */
  readonly dropped?: string;
  readonly trace: readonly TraceStep[];
}

export interface HoldContext {
  readonly organisation: OrganisationDefaults;
  readonly now: number;
  /** Whether the user has the inbox open. */
  readonly isOnline: (userId: string) => boolean;
}

const ONLINE_HOLD = 2 * 60_000;

/**
 * Whether a message to a user on a channel that is wanted there has to wait, for what comes after `past` in the order
 * of reasons. The inbox waits for nothing, nor does what is critical.
 */
export function holdFor(
  user: UserPreferences,
  channel: ChannelName,
  subject: Subject & {
    readonly channelsNamed: boolean;
    readonly hasInboxItem: boolean;
    /** The sender's, for users who have decided nothing of that kind. */
    readonly digest?: Digest;
    readonly unseenForMs?: number;
  },
  context: HoldContext,
  past?: HoldReason,
): Waiting {
  if (channel === 'in_app') return { trace: [] };
  if (subject.critical) return { trace: [{ rule: 'quiet hours, digest', result: 'passed: it is critical' }] };
  const { organisation, now } = context;
  const layers = layersOf(user, organisation, channel, subject.type);
  const zone = user.timeZone ?? organisation.timeZone;
  const trace: TraceStep[] = [];
  const isBefore = (reason: HoldReason) =>
    past === undefined || HOLD_REASONS.indexOf(past) < HOLD_REASONS.indexOf(reason);
  const wait = (until: number, why: HoldReason, detail: string): Waiting => ({
    hold: { until, why, detail },
    trace: [...trace, { rule: why.replaceAll('_', ' '), result: detail }],
  });

  if (isBefore('unseen') && subject.hasInboxItem) {
    const unseenMs = decided(layers, 'unseenForMs')?.value ?? subject.unseenForMs ?? 0;
    const mayBeOnline = channel === 'email' && !subject.channelsNamed && !subject.type.startsWith('alert');
    const onlineMs = decided(layers, 'onlineHoldMs')?.value ?? (mayBeOnline ? ONLINE_HOLD : 0);
    const waitMs = Math.max(unseenMs, onlineMs > 0 && context.isOnline(user.userId) ? onlineMs : 0);
    if (waitMs > 0) return wait(now + waitMs, 'unseen', `only if it is not seen in the inbox by ${at(now + waitMs)}`);
  }

  const windows = layers.find(({ preference }) => preference?.quietHours?.windows)?.preference?.quietHours?.windows;
  const policy = layers.find(({ preference }) => preference?.quietHours?.policy)?.preference?.quietHours?.policy;
  const quiet = windows && policy !== 'allow' ? quietUntil(windows, zone, now) : undefined;
  if (windows) {
    trace.push({
      rule: `quiet hours (${zone})`,
      result: policy === 'allow' ? 'allowed on this channel' : quiet === undefined ? 'not now' : `until ${at(quiet)}`,
    });
  }
  if (quiet !== undefined && policy === 'drop') {
    return { dropped: `${user.userId} has quiet hours until ${at(quiet)}, in which ${channel} is not sent`, trace };
  }
  if (quiet !== undefined) return wait(quiet, 'quiet_hours', `quiet hours of ${user.userId} until ${at(quiet)}`);
  const digest = decided(layers, 'digest')?.value ?? subject.digest;
  const due = isBefore('digest') && past !== 'quiet_hours' && digest ? nextDigest(digest, zone, now) : undefined;
  if (due !== undefined) return wait(due, 'digest', `goes into the ${digest} digest of ${at(due)}`);
  return { trace };
}

function at(time: number): string {
  return formatInstant(time);
}
