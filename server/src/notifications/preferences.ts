import type { ChannelName } from '../model/notification-request.ts';
import { CHANNEL_NAMES } from '../model/notification-request.ts';
import { compareSeverity, type Severity } from '../model/severity.ts';
import type { StoredPreference } from '../stores/control/index.ts';

/** What a user has decided about a channel; what is left out is undecided. */
interface ChannelPreference {
  readonly enabled?: boolean;
  readonly address?: string;
  readonly minSeverity?: Severity;
}

export interface UserPreferences {
  readonly userId: string;
  readonly channels: Readonly<Partial<Record<ChannelName, ChannelPreference>>>;
  /** Decisions for one type of notifications. */
  readonly types: ReadonlyMap<string, Readonly<Partial<Record<ChannelName, ChannelPreference>>>>;
}

/** Stored rows of one user as a value. */
export function toUserPreferences(userId: string, rows: readonly StoredPreference[]): UserPreferences {
  const channels: Partial<Record<ChannelName, ChannelPreference>> = {};
  const types = new Map<string, Partial<Record<ChannelName, ChannelPreference>>>();
  for (const row of rows) {
    if (row.user_id !== userId || !isChannelName(row.channel)) continue;
    const target = row.type === '' ? channels : (types.get(row.type) ?? {});
    if (row.type !== '') types.set(row.type, target);
    target[row.channel] = {
      ...(row.enabled !== null && { enabled: row.enabled === 1 }),
      ...(row.address !== null && { address: row.address }),
      ...(row.min_severity !== null && { minSeverity: row.min_severity as Severity }),
    };
  }
  return { userId, channels, types };
}

function isChannelName(name: string): name is ChannelName {
  return (CHANNEL_NAMES as readonly string[]).includes(name);
}

/** A step of a decision: the rule that was asked, and what it said. */
export interface TraceStep {
  readonly rule: string;
  readonly result: string;
}

export interface PreferenceDecision {
  readonly allowed: boolean;
  readonly detail: string;
  readonly trace: readonly TraceStep[];
}

/**
 * Whether the user wants notifications of this kind on this channel. The most specific decision counts: the type's,
 * then the channel's, then the default, which is yes. Critical ones are not asked about.
 */
export function decideByPreferences(
  preferences: UserPreferences,
  channel: ChannelName,
  notification: { readonly type: string; readonly severity: Severity; readonly critical: boolean },
): PreferenceDecision {
  if (notification.critical) {
    return { allowed: true, detail: '', trace: [{ rule: 'critical', result: 'passes every preference' }] };
  }
  const trace: TraceStep[] = [];
  const layers = [
    { rule: 'preference for the type', preference: preferences.types.get(notification.type)?.[channel] },
    { rule: 'preference for the channel', preference: preferences.channels[channel] },
  ];
  const enabled = firstDecided(layers, 'enabled', trace);
  if (enabled === undefined) trace.push({ rule: 'default', result: 'on' });
  if (enabled === false) {
    const detail = `${preferences.userId} has switched off ${channel}; POST /api/notifications/preferences with "enabled": true switches it on`;
    return { allowed: false, detail, trace };
  }
  const least = firstDecided(layers, 'minSeverity', trace);
  if (least !== undefined && compareSeverity(notification.severity, least) < 0) {
    const detail = `${preferences.userId} wants ${channel} from severity ${least} on; this is ${notification.severity}`;
    return { allowed: false, detail, trace };
  }
  return { allowed: true, detail: '', trace };
}

function firstDecided<Key extends 'enabled' | 'minSeverity'>(
  layers: readonly { readonly rule: string; readonly preference: ChannelPreference | undefined }[],
  key: Key,
  trace: TraceStep[],
): ChannelPreference[Key] | undefined {
  for (const { rule, preference } of layers) {
    const value = preference?.[key];
    if (value === undefined) continue;
    trace.push({ rule, result: key === 'enabled' ? (value ? 'on' : 'off') : `from severity ${value} on` });
    return value;
  }
  return undefined;
}
