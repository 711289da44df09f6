import { stringify } from 'yaml';
import { formatDuration } from '../../lib/duration.ts';
import { formatMatcher } from '../routing/label-matchers.ts';
import type { RouteSettings } from '../routing/route-tree.ts';
import type { AlertmanagerConfig, InhibitRule } from './config.ts';

/**
 * The configuration as YAML that Alertmanager's own tools understand. Receivers stand with their names only: where they
 * send to is a secret, or ours alone.
 */
export function originalOf(config: AlertmanagerConfig, document: unknown): string {
  const raw = document as { time_intervals?: unknown; mute_time_intervals?: unknown };
  return stringify({
    global: { resolve_timeout: formatDuration(config.resolveTimeoutMs) },
    route: showRoute(config.route),
    ...(config.inhibitRules.length > 0 && {
      inhibit_rules: config.inhibitRules.map(showInhibitRule),
    }),
    ...(raw.time_intervals !== undefined && { time_intervals: raw.time_intervals }),
    ...(raw.mute_time_intervals !== undefined && { mute_time_intervals: raw.mute_time_intervals }),
    receivers: config.receivers.map(({ name }) => ({ name })),
  });
}

/** One with several sources stands in the newer form, which older tools do not know. */
function showInhibitRule({ sources, target }: InhibitRule): Record<string, unknown> {
  const [only, ...others] = sources.map(({ matchers, equal }) => ({ matchers: matchers.map(formatMatcher), equal }));
  const target_matchers = target.map(formatMatcher);
  if (others.length > 0) return { sources: [only, ...others], target_matchers };
  return { source_matchers: only?.matchers, target_matchers, equal: only?.equal };
}

/** A route in the words of the configuration. */
export function showRoute(route: RouteSettings): Record<string, unknown> {
  const duration = (name: string, ms: number | undefined) => (ms === undefined ? {} : { [name]: formatDuration(ms) });
  return {
    ...(route.receiver !== undefined && { receiver: route.receiver }),
    ...(route.groupBy && { group_by: route.groupBy }),
    ...(route.matchers.length > 0 && { matchers: route.matchers.map(formatMatcher) }),
    ...(route.continue && { continue: true }),
    ...duration('group_wait', route.groupWaitMs),
    ...duration('group_interval', route.groupIntervalMs),
    ...duration('repeat_interval', route.repeatIntervalMs),
    ...(route.muteTimeIntervals.length > 0 && { mute_time_intervals: route.muteTimeIntervals }),
    ...(route.activeTimeIntervals.length > 0 && { active_time_intervals: route.activeTimeIntervals }),
    ...(route.routes.length > 0 && { routes: route.routes.map(showRoute) }),
  };
}
