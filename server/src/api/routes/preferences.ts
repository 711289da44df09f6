import { type Route, route } from '../../http/index.ts';
import { formatDuration, parseDuration } from '../../lib/duration.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { CHANNEL_NAMES, type ChannelName } from '../../model/notification-request.ts';
import type { Notifications, PreferenceForm, PreferenceSheet, PreferenceUpdate } from '../../notifications/index.ts';
import { userParams } from '../contract/notifications.ts';
import {
  explainParameters,
  explanation,
  type PreferenceExplanation,
  type Preferences,
  type PreferencesForm,
  preferences,
  preferencesBody,
  verifyBody,
} from '../contract/preferences.ts';
import { instantOf } from '../window.ts';

const TAG = 'notifications';
const DAYS = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'] as const;

interface PreferenceRoutesDependencies {
  readonly notifications: Notifications;
  readonly clock: Clock;
}

export function preferenceRoutes({ notifications, clock }: PreferenceRoutesDependencies): Route[] {
  const desk = notifications.preferences;
  return [
    route({
      method: 'GET',
      path: '/api/notifications/preferences/{user_id}',
      tag: TAG,
      summary: 'How a user wants to be told; the defaults for a user never seen',
      scope: 'read',
      params: userParams,
      success: { status: 200, schema: preferences },
      async handle({ params }) {
        return toPreferences(await desk.read(params.user_id));
      },
    }),
    route({
      method: 'POST',
      path: '/api/notifications/preferences',
      tag: TAG,
      summary: 'Set how a user wants to be told: by one channel, by several, or by every one',
      description:
        'What is left out stays as it is; null forgets what was decided. An address that an administrator sets counts as verified; to any other one a code is sent first, see `verify`.',
      scope: 'write',
      body: preferencesBody,
      success: { status: 200, schema: preferences },
      async handle({ body, principal }) {
        return toPreferences(await desk.update(body.user_id, toForm(body), principal.scopes.has('admin')));
      },
    }),
    route({
      method: 'POST',
      path: '/api/notifications/preferences/{user_id}/verify',
      tag: TAG,
      summary: 'Show by the code that was sent there that an address is the user’s; without a code, send a new one',
      scope: 'write',
      params: userParams,
      body: verifyBody,
      success: { status: 200, schema: preferences },
      async handle({ params, body }) {
        const { channel, address, code } = body;
        return toPreferences(await desk.verify({ userId: params.user_id, channel, address }, code));
      },
    }),
    route({
      method: 'GET',
      path: '/api/notifications/preferences/{user_id}/explain',
      tag: TAG,
      summary: 'Why the user would, or would not, get a notification of this kind',
      scope: 'read',
      params: userParams,
      query: explainParameters,
      success: { status: 200, schema: explanation },
      async handle({ params, query }): Promise<PreferenceExplanation> {
        const { type, channel, severity, critical } = query;
        const now = clock.now();
        const at = query.at === undefined ? now : instantOf('at', query.at, now);
        const labels = Object.fromEntries(query.label ?? []);
        const planned = await desk.explain({ userId: params.user_id, type, channel, severity, critical, labels, at });
        return {
          ...{ user_id: params.user_id, at: formatInstant(at), type, severity, critical },
          channels: planned.map(({ channel: name, recipient, suppressed, hold, trace }) => ({
            ...{ channel: name, recipient, trace: [...trace] },
            outcome: suppressed ? 'not_sent' : hold ? 'waits' : 'sent',
            until: hold && !suppressed ? formatInstant(hold.until) : null,
            reason: suppressed?.reason ?? hold?.why ?? null,
            detail: suppressed?.detail ?? hold?.detail ?? null,
          })),
        };
      },
    }),
  ];
}

type Decisions = NonNullable<NonNullable<PreferencesForm['channels']>[ChannelName]>;

function toForm(body: PreferencesForm): PreferenceForm {
  const updates: PreferenceUpdate[] = [];
  const { channel, type } = body;
  if (channel !== undefined) updates.push(toUpdate(channel, type, body, ''));
  for (const name of CHANNEL_NAMES) {
    const settings = body.channels?.[name];
    if (settings) updates.push(toUpdate(name, type, settings, `channels.${name}.`));
    for (const [pattern, byChannel] of Object.entries(body.types ?? {})) {
      const own = byChannel[name];
      if (own) updates.push(toUpdate(name, pattern, own, `types.${pattern}.${name}.`));
    }
  }
  const general: Decisions = channel === undefined ? body : {};
  return {
    ...{ version: body.version, timeZone: body.time_zone, locale: body.locale, disabled: body.disabled, updates },
    ...{ minSeverity: general.min_severity, digest: general.digest, quietHours: toQuietHours(general.quiet_hours) },
    fallback: body.fallback && {
      channels: body.fallback.channels,
      ...(body.fallback.after !== undefined && { afterMs: parseDuration(body.fallback.after)! }),
    },
  };
}

function toUpdate(channel: ChannelName, type: string | undefined, settings: Decisions, path: string): PreferenceUpdate {
  const { enabled, min_severity: minSeverity, digest, matchers } = settings;
  const addresses =
    settings.addresses ??
    (settings.address === null ? null : settings.address === undefined ? undefined : [settings.address]);
  return {
    ...{ channel, type, enabled, minSeverity, digest, matchers, addresses, path },
    quietHours: toQuietHours(settings.quiet_hours),
    unseenForMs: milliseconds(settings.unless_seen_within),
    onlineHoldMs: milliseconds(settings.online_hold),
  };
}

function milliseconds(text: string | null | undefined): number | null | undefined {
  return typeof text === 'string' ? parseDuration(text) : text;
}

function toQuietHours(form: PreferencesForm['quiet_hours']): PreferenceUpdate['quietHours'] {
  if (!form) return form;
  const windows = form.windows?.map(({ start, end, days }) => ({
    ...{ start, end },
    ...(days && { days: days.map((day) => DAYS.indexOf(day) + 1) }),
  }));
  return { ...(windows && { windows }), ...(form.policy && { policy: form.policy }) };
}

type Settings = PreferenceSheet['channels'][ChannelName];

function toPreferences(sheet: PreferenceSheet): Preferences {
  const { organisation } = sheet;
  const channels = CHANNEL_NAMES.map((channel) => {
    const contacts = sheet.contacts[channel] ?? [];
    const own = sheet.channels[channel] ?? {};
    return [
      channel,
      {
        enabled: own.enabled ?? organisation.channels[channel]?.enabled ?? true,
        is_default: own.enabled === undefined,
        ...(contacts[0] && { address: contacts[0].address }),
        verified: channel === 'in_app' || contacts[0]?.verified === true,
        addresses: contacts.map(({ address, verified }) => ({ address, verified })),
        ...toSettings(own),
      },
    ];
  });
  const types = [...sheet.types].map(([type, byChannel]) => [
    type,
    Object.fromEntries(
      Object.entries(byChannel).map(([channel, settings]) => [
        channel,
        { ...(settings.enabled !== undefined && { enabled: settings.enabled }), ...toSettings(settings) },
      ]),
    ),
  ]);
  return {
    ...{ user_id: sheet.userId, version: sheet.version, disabled: sheet.disabled },
    time_zone: sheet.timeZone ?? organisation.timeZone,
    locale: sheet.locale ?? organisation.locale,
    ...toSettings(sheet),
    ...(sheet.fallback && {
      fallback: {
        channels: [...sheet.fallback.channels],
        ...(sheet.fallback.afterMs !== undefined && { after: formatDuration(sheet.fallback.afterMs) }),
      },
    }),
    channels: Object.fromEntries(channels),
    types: Object.fromEntries(types),
  };
}

function toSettings(settings: NonNullable<Settings>) {
  const { minSeverity, digest, quietHours, matchers, unseenForMs, onlineHoldMs } = settings;
  return {
    ...(minSeverity !== undefined && { min_severity: minSeverity }),
    ...(digest !== undefined && { digest }),
    ...(quietHours && {
      quiet_hours: {
        ...(quietHours.windows && {
          windows: quietHours.windows.map(({ start, end, days }) => ({
            ...{ start, end },
            ...(days && { days: days.map((day) => DAYS[day - 1]!) }),
          })),
        }),
        ...(quietHours.policy && { policy: quietHours.policy }),
      },
    }),
    ...(matchers && { matchers: [...matchers] }),
    ...(unseenForMs !== undefined && { unless_seen_within: formatDuration(unseenForMs) }),
    ...(onlineHoldMs !== undefined && { online_hold: formatDuration(onlineHoldMs) }),
  };
}
