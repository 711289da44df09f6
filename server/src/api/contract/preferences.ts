import { z } from 'zod';
import { CHANNEL_NAMES } from '../../model/notification-request.ts';
import { booleanParameter, digest, duration, instant, instantParameter, pairParameter, severity } from './common.ts';

const channelName = z.enum(CHANNEL_NAMES);
const userId = z.string().trim().min(1).max(200);
/** A type of notifications, or a category of them. */
const typePattern = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[\w.:/-]+(\.\*)?$/, 'use letters, digits and . _ - : /, or a category such as alert.*');

const timeZone = z
  .string()
  .max(100)
  .refine((name) => isTimeZone(name), 'is no time zone; use a name such as Europe/Paris')
  .describe('IANA: `Europe/Paris`');

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) !== undefined;
  } catch {
    return false;
  }
}

const locale = z
  .string()
  .regex(/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/, 'use a language tag: de, de-AT')
  .describe('BCP 47: `de`, `de-AT`');

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'use HH:MM from 00:00 to 23:59');
const DAYS = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'] as const;

const quietHours = z
  .strictObject({
    windows: z
      .array(
        z.strictObject({
          start: timeOfDay,
          end: timeOfDay.describe('not later than `start`: of the next day'),
          days: z.array(z.enum(DAYS)).min(1).max(7).optional().describe('on which it begins; left out: every day'),
        }),
      )
      .max(14)
      .optional(),
    policy: z
      .enum(['defer', 'drop', 'allow'])
      .optional()
      .describe('`defer` (default): sent at their end, several as one message; `drop`: not sent; `allow`: sent'),
  })
  .describe('by the clock on the wall of the time zone; the inbox and what is critical know none');

const fallback = z
  .strictObject({
    channels: z.array(channelName).min(2).max(CHANNEL_NAMES.length),
    after: duration.optional().describe('left out: the next one only where the one before fails'),
  })
  .describe('one channel after the other, until it is read or at least arrives');

const conditions = {
  matchers: z.array(z.string().max(500)).max(20).describe('labels that must be met: `service="shop"`'),
  unless_seen_within: duration.describe('waits so long, and is not sent where it was seen in the inbox by then'),
  online_hold: duration.describe('waits so long while the inbox is open; default for mail of ordinary notices: 2m'),
};

const channelSettings = z.object({
  enabled: z.boolean(),
  is_default: z.boolean().describe('true: the user has not decided; `enabled` is what holds then'),
  address: z.string().optional().describe('of URLs only the host'),
  verified: z.boolean(),
  addresses: z.array(z.object({ address: z.string(), verified: z.boolean() })).describe('all; each is told'),
  min_severity: severity.optional(),
  digest: digest.optional(),
  quiet_hours: quietHours.optional(),
  matchers: conditions.matchers.optional(),
  unless_seen_within: conditions.unless_seen_within.optional(),
  online_hold: conditions.online_hold.optional(),
});

const typeSettings = channelSettings
  .omit({ is_default: true, address: true, verified: true, addresses: true })
  .partial({ enabled: true });

export const preferences = z.object({
  user_id: z.string(),
  version: z.int().describe('counts up with each change; 0: nothing was decided yet'),
  disabled: z.boolean(),
  time_zone: z.string(),
  locale: z.string(),
  min_severity: severity.optional(),
  digest: digest.optional(),
  quiet_hours: quietHours.optional(),
  fallback: fallback.optional(),
  channels: z.record(channelName, channelSettings),
  types: z
    .record(z.string(), z.partialRecord(channelName, typeSettings))
    .describe('what is set for single types of notifications, or categories (`alert.*`); it goes before the channel'),
});

const decisions = {
  enabled: z.boolean().nullable().optional().describe('null: undecided again'),
  min_severity: severity.nullable().optional().describe('null: undecided again'),
  digest: digest.nullable().optional(),
  quiet_hours: quietHours.nullable().optional(),
  matchers: conditions.matchers.nullable().optional(),
  unless_seen_within: conditions.unless_seen_within.nullable().optional(),
  online_hold: conditions.online_hold.nullable().optional(),
};

const address = z.string().trim().min(1).max(2000);
const channelUpdate = {
  ...decisions,
  address: address.nullable().optional().describe('null forgets all; one stands in for all'),
  addresses: z.array(address).max(5).optional().describe('all addresses of the channel, the main one first'),
};

export const preferencesBody = z
  .strictObject({
    user_id: userId,
    version: z.int().min(0).optional().describe('that which was read; another one by now is 409'),
    time_zone: timeZone.nullable().optional(),
    locale: locale.nullable().optional(),
    disabled: z.boolean().optional().describe('true: gets nothing any more, not even in the inbox'),
    fallback: fallback.nullable().optional(),
    channel: channelName.optional().describe('what the settings beside it are for; left out: every channel'),
    type: typePattern.optional().describe('only for this type of notifications, or category (`alert.*`)'),
    ...channelUpdate,
    channels: z
      .partialRecord(channelName, z.strictObject(channelUpdate))
      .optional()
      .describe('several channels at once'),
    types: z
      .record(typePattern, z.partialRecord(channelName, z.strictObject(decisions)))
      .optional()
      .describe('several types at once'),
  })
  .superRefine((body, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const given = Object.keys(channelUpdate).filter((name) => body[name as keyof typeof channelUpdate] !== undefined);
    if (body.channel === undefined) {
      const [single] = given.filter((name) => !['min_severity', 'digest', 'quiet_hours'].includes(name));
      if (single !== undefined || (body.type !== undefined && !body.channels)) {
        refuse('channel', 'say which channel the settings are for');
      } else if (Object.keys(body).length === 1) refuse('channel', 'say which channel, or what else to set');
    } else {
      if (given.length === 0) refuse('enabled', 'say what to set: enabled, address, min_severity and the like');
      if (body.channels?.[body.channel]) refuse('channels', `${body.channel} is set twice`);
    }
    if (body.address !== undefined && body.addresses !== undefined) {
      refuse('addresses', 'give either address or addresses');
    }
  });

export const verifyBody = z.strictObject({
  channel: channelName,
  address: address.optional().describe('left out: the only one that is not verified'),
  code: z
    .string()
    .regex(/^\d{6}$/, 'use the six digits')
    .optional()
    .describe('left out: send a new one'),
});

export const explainParameters = z.strictObject({
  type: z.string().min(1).max(100).default('message'),
  channel: channelName.optional().describe('left out: the preferences decide'),
  severity: severity.default('info'),
  critical: booleanParameter.default(false),
  at: instantParameter.optional().describe('default: now'),
  label: pairParameter.optional().describe('`name=value`, for conditions; may be repeated'),
});

export const explanation = z.object({
  user_id: z.string(),
  at: instant,
  type: z.string(),
  severity,
  critical: z.boolean(),
  channels: z.array(
    z.object({
      channel: channelName,
      recipient: z.string(),
      outcome: z.enum(['sent', 'waits', 'not_sent']),
      until: instant.nullable().describe('where it waits'),
      reason: z.string().nullable(),
      detail: z.string().nullable(),
      trace: z.array(z.object({ rule: z.string(), result: z.string() })),
    }),
  ),
});

export type Preferences = z.output<typeof preferences>;
export type PreferencesBody = z.input<typeof preferencesBody>;
export type PreferencesForm = z.output<typeof preferencesBody>;
export type PreferenceExplanation = z.output<typeof explanation>;
