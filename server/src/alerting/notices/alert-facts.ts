import { formatDuration } from '../../lib/duration.ts';
import type { Severity } from '../../model/severity.ts';
import { type Instance, type OpenEpisode, serviceOf, shownLabels } from '../evaluation/live-rule.ts';
import type { ResolveReason } from '../machine/step.ts';
import type { AlertRule } from '../rules/alert-rule.ts';

/** The variables of annotations and of notification templates about alerts. Times are RFC 3339. */
export interface AlertFacts {
  readonly alert_id: string;
  readonly alert_name: string;
  readonly description: string;
  readonly severity: Severity;
  /** Empty where the alert is not about one service. */
  readonly service: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number | null;
  readonly operator: string | null;
  readonly threshold: number | null;
  readonly query: string | null;
  readonly state: 'firing' | 'resolved';
  readonly started_at: string;
  readonly fired_at: string;
  readonly ended_at: string | null;
  readonly duration_seconds: number;
  /** As people say it: `7m12s`. */
  readonly duration: string;
  readonly resolve_reason: string | null;
  /** `condition`, or `no_data` or `error` where the alert is that no data come or that they cannot be read. */
  readonly cause: string;
  readonly episode_id: string;
  readonly alert_url: string;
}

/** One moment of an episode. */
export interface Moment {
  readonly rule: AlertRule;
  readonly instance: Pick<Instance, 'identity' | 'state'>;
  readonly episode: Pick<OpenEpisode, 'id' | 'startedAt' | 'firedAt' | 'acknowledgement'>;
  /** Null while it fires. */
  readonly ended: { readonly at: number; readonly reason: ResolveReason } | null;
  readonly now: number;
}

export function alertFacts({ rule, instance, episode, ended, now }: Moment, publicUrl: string): AlertFacts {
  const { state, identity } = instance;
  const { levels = [] } = rule.condition.comparison ?? {};
  const level = levels.find(({ severity }) => severity === state.severity) ?? levels.at(-1);
  const lastedMs = Math.max(0, (ended?.at ?? now) - episode.startedAt);
  return {
    alert_id: rule.id,
    alert_name: rule.name,
    description: rule.description,
    severity: state.severity,
    service: serviceOf(rule, identity),
    labels: shownLabels(rule, identity),
    value: state.value,
    operator: rule.condition.comparison?.operator ?? null,
    threshold: level?.threshold ?? null,
    query: rule.query,
    state: ended ? 'resolved' : 'firing',
    started_at: new Date(episode.startedAt).toISOString(),
    fired_at: new Date(episode.firedAt).toISOString(),
    ended_at: ended && new Date(ended.at).toISOString(),
    duration_seconds: lastedMs / 1000,
    duration: formatDuration(Math.round(lastedMs / 1000) * 1000),
    resolve_reason: ended?.reason.replaceAll('_', ' ') ?? null,
    cause: state.reason,
    episode_id: episode.id,
    alert_url: `${publicUrl.replace(/\/$/, '')}/alerts/${rule.id}`,
  };
}
