import type { ConfigMap } from '../../lib/config-map.ts';
import { CHANNEL_NAMES, type ChannelName } from '../../model/notification-request.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { matcherProblem } from '../preferences/label-condition.ts';
import type { QuietHours, QuietWindow } from '../preferences/quiet-hours.ts';
import { parseRateLimit, type RateLimit } from '../preferences/rate-limit.ts';
import { type ChannelPreference, NO_DEFAULTS, type OrganisationDefaults } from '../preferences/user-preferences.ts';
import { isTimeZone } from './read-people.ts';

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const DIGEST = /^(instant|15m|hourly|daily(@([01]\d|2[0-3]):[0-5]\d)?)$/;
const DAYS = ['mo', 'tu', 'we', 'th', 'fr', 'sa', 'su'];

/** `notifications` of the configuration file: what holds for those who have not decided otherwise. */
export function readPreferenceDefaults(file: ConfigMap): OrganisationDefaults {
  const map = file.map('notifications');
  if (!map) return NO_DEFAULTS;
  const timeZone = map.text('time_zone') ?? NO_DEFAULTS.timeZone;
  if (!isTimeZone(timeZone)) map.fail('time_zone', 'use an IANA name such as Europe/Paris');
  const types = new Map<string, { critical?: boolean; channels: OrganisationDefaults['channels'] }>();
  const listed = map.map('types');
  for (const type of listed?.keys() ?? []) {
    const own = listed!.map(type);
    const critical = own?.flag('critical');
    types.set(type, {
      ...(critical !== undefined && { critical }),
      channels: readChannelDefaults(own?.map('channels')),
    });
    own?.refuseOthers();
  }
  const criticalFallback = readFallback(map.map('critical_fallback'));
  const defaults = {
    ...{ timeZone, locale: map.text('locale') ?? NO_DEFAULTS.locale, types },
    ...readDecisions(map),
    channels: readChannelDefaults(map.map('channels')),
    rateLimits: { ...NO_DEFAULTS.rateLimits, ...readRateLimits(map.map('rate_limits')) },
    ...(criticalFallback && { criticalFallback }),
  };
  map.refuseOthers();
  return defaults;
}

function readChannelDefaults(map: ConfigMap | undefined): OrganisationDefaults['channels'] {
  const channels: Partial<Record<ChannelName, ChannelPreference>> = {};
  for (const channel of CHANNEL_NAMES) {
    const own = map?.map(channel);
    if (!own) continue;
    const enabled = own.flag('enabled');
    const matchers = own.texts('matchers');
    for (const [index, text] of (matchers ?? []).entries()) {
      const problem = matcherProblem(text);
      if (problem !== undefined) own.fail(`matchers[${index}]`, problem);
    }
    const unseenForMs = own.duration('unless_seen_within');
    const onlineHoldMs = own.duration('online_hold');
    channels[channel] = {
      ...(enabled !== undefined && { enabled }),
      ...(matchers && { matchers }),
      ...(unseenForMs !== undefined && { unseenForMs }),
      ...(onlineHoldMs !== undefined && { onlineHoldMs }),
      ...readDecisions(own),
    };
    own.refuseOthers();
  }
  map?.refuseOthers();
  return channels;
}

function readDecisions(map: ConfigMap) {
  const minSeverity = map.oneOf('min_severity', SEVERITIES);
  const digest = map.text('digest');
  if (digest !== undefined && !DIGEST.test(digest))
    map.fail('digest', 'use instant, 15m, hourly, daily or daily@HH:MM');
  const quietHours = readQuietHours(map.map('quiet_hours'));
  return {
    ...(minSeverity && { minSeverity }),
    ...(digest !== undefined && { digest }),
    ...(quietHours && { quietHours }),
  };
}

function readQuietHours(map: ConfigMap | undefined): QuietHours | undefined {
  if (!map) return undefined;
  const windows = map.maps('windows')?.map((window): QuietWindow => {
    const [start = '', end = ''] = ['start', 'end'].map((key) => {
      const text = window.text(key);
      if (text === undefined || !TIME.test(text)) window.fail(key, 'use HH:MM, in quotes');
      return text;
    });
    const days = window.texts('days')?.map((day) => DAYS.indexOf(day) + 1);
    if (days?.includes(0)) window.fail('days', `use ${DAYS.join(', ')}`);
    window.refuseOthers();
    return { start, end, ...(days && { days }) };
  });
  const policy = map.oneOf('policy', ['defer', 'drop', 'allow'] as const);
  map.refuseOthers();
  return { ...(windows && { windows }), ...(policy && { policy }) };
}

function readRateLimits(map: ConfigMap | undefined): Partial<Record<ChannelName, RateLimit[]>> {
  const limits: Partial<Record<ChannelName, RateLimit[]>> = {};
  for (const channel of CHANNEL_NAMES) {
    const texts = map?.texts(channel);
    if (!texts) continue;
    limits[channel] = texts.flatMap((text) => {
      const limit = parseRateLimit(text);
      if (!limit) map!.fail(channel, `"${text}": use such as 5/15m`);
      return limit ?? [];
    });
  }
  map?.refuseOthers();
  return limits;
}

function readFallback(map: ConfigMap | undefined): OrganisationDefaults['criticalFallback'] {
  if (!map) return undefined;
  const channel = map.oneOf('channel', CHANNEL_NAMES);
  const address = map.text('address') ?? '';
  map.refuseOthers();
  return channel && { channel, address };
}
