import type { ChannelName } from '../../model/notification-request.ts';
import { compareSeverity, type Severity } from '../../model/severity.ts';
import { firstUnmet, labelsOf } from './label-condition.ts';
import {
  type ChannelPreference,
  categoryOf,
  type OrganisationDefaults,
  type UserPreferences,
} from './user-preferences.ts';

/** A step of a decision: the rule that was asked, and what it said. */
export interface TraceStep {
  readonly rule: string;
  readonly result: string;
}

/** What a decision asks of a notification. */
export interface Subject {
  readonly type: string;
  readonly severity: Severity;
  readonly critical: boolean;
  readonly data: Readonly<Record<string, unknown>>;
}

interface PreferenceDecision {
  readonly allowed: boolean;
  readonly detail: string;
  readonly trace: readonly TraceStep[];
}

/** Where decisions stand, the most specific first. */
interface Layer {
  readonly rule: string;
  readonly preference: ChannelPreference | undefined;
}

/** The layers of a user's decisions about a type of notifications on a channel, then those of the organisation. */
export function layersOf(
  user: UserPreferences,
  organisation: OrganisationDefaults,
  channel: ChannelName,
  type: string,
): readonly Layer[] {
  const category = categoryOf(type);
  return [
    { rule: 'preference for the type', preference: user.types.get(type)?.[channel] },
    { rule: `preference for the category ${category}`, preference: user.types.get(category)?.[channel] },
    { rule: 'preference for the channel', preference: user.channels[channel] },
    { rule: 'preference for every channel', preference: user },
    { rule: 'default of the type', preference: organisation.types.get(type)?.channels[channel] },
    { rule: `default of the category ${category}`, preference: organisation.types.get(category)?.channels[channel] },
    { rule: 'default of the channel', preference: organisation.channels[channel] },
    { rule: 'default of the organisation', preference: organisation },
  ].map(({ rule, preference }) => ({ rule, preference: preference as ChannelPreference | undefined }));
}

/** What the first layer says that says anything; `undefined`: none does. */
export function decided<Key extends keyof ChannelPreference>(
  layers: readonly Layer[],
  key: Key,
): { readonly rule: string; readonly value: NonNullable<ChannelPreference[Key]> } | undefined {
  for (const { rule, preference } of layers) {
    const value = preference?.[key];
    if (value !== undefined) return { rule, value: value as NonNullable<ChannelPreference[Key]> };
  }
  return undefined;
}

/**
 * Whether the user wants notifications of this kind on this channel: the most specific decision counts, and without
 * any it is yes. Then the conditions, of which each must hold. What is critical is not asked about.
 */
export function decideByPreferences(
  user: UserPreferences,
  organisation: OrganisationDefaults,
  channel: ChannelName,
  subject: Subject,
): PreferenceDecision {
  if (subject.critical) {
    return { allowed: true, detail: '', trace: [{ rule: 'critical', result: 'passes every preference' }] };
  }
  const layers = layersOf(user, organisation, channel, subject.type);
  const trace: TraceStep[] = [];
  const refuse = (detail: string) => ({ allowed: false, detail, trace });
  const enabled = decided(layers, 'enabled');
  const asked = layers.filter(({ rule }) => rule !== 'preference for every channel');
  for (const { rule } of asked) {
    if (rule === enabled?.rule) break;
    if (rule.startsWith('preference')) trace.push({ rule, result: 'unset' });
  }
  trace.push({ rule: enabled?.rule ?? 'default', result: enabled?.value === false ? 'off' : 'on' });
  if (enabled?.value === false) {
    const isOwn = enabled.rule.startsWith('preference');
    const who = isOwn ? `${user.userId} has switched off ${channel}` : `${channel} is off by the ${enabled.rule}`;
    return refuse(`${who}; POST /api/notifications/preferences with "enabled": true switches it on`);
  }
  const least = decided(layers, 'minSeverity');
  if (least) {
    trace.push({ rule: least.rule, result: `from severity ${least.value} on` });
    if (compareSeverity(subject.severity, least.value) < 0) {
      return refuse(`${user.userId} wants ${channel} from severity ${least.value} on; this is ${subject.severity}`);
    }
  }
  const matchers = decided(layers, 'matchers');
  const unmet = matchers && firstUnmet(matchers.value, labelsOf(subject));
  if (matchers && matchers.value.length > 0) {
    trace.push({ rule: 'label condition', result: unmet === undefined ? 'met' : `not met: ${unmet}` });
  }
  if (unmet !== undefined) return refuse(`${user.userId} wants ${channel} only where ${unmet}`);
  return { allowed: true, detail: '', trace };
}
