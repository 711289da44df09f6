import {
  describeCondition,
  type EpisodeRecord,
  type Instance,
  type LiveRule,
  ruleState,
  shownLabels,
} from '../../alerting/index.ts';
import { formatDuration } from '../../lib/duration.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Severity } from '../../model/severity.ts';
import { GROUP_PREFIX } from '../../notifications/index.ts';
import type { Alert, AlertInstance, Episode } from '../contract/alerts.ts';

/** What keeps an episode from being told, such as `silence:<id>`. */
export type SuppressedBy = (episodeId: string) => string[];

/** An alert as the API shows it. */
export function showAlert(live: LiveRule, now: number, suppressedBy: SuppressedBy): Alert {
  const { rule } = live;
  const { condition } = rule;
  return {
    id: rule.id,
    name: rule.name,
    description: rule.description,
    severity: rule.severity,
    service: rule.service,
    metric: rule.metric,
    query: rule.query,
    query_language: rule.queryLanguage,
    kind: condition.kind,
    watches: describeCondition(condition),
    window: rule.windowMs === null ? null : formatDuration(rule.windowMs),
    red: rule.red && showRed(rule.red),
    absence: rule.absence && { for: formatDuration(rule.absence.forMs) },
    inferred: rule.inferredFrom !== null,
    operator: rule.absence ? null : (condition.comparison?.operator ?? null),
    threshold: rule.threshold,
    recovery_threshold: rule.recoveryThreshold,
    thresholds: rule.thresholds?.map((level) => ({ ...level })) ?? null,
    for: formatDuration(rule.forMs),
    keep_firing_for: formatDuration(rule.keepFiringForMs),
    interval: formatDuration(rule.intervalMs),
    no_data: rule.noData,
    on_error: rule.onError,
    missing_tolerance: rule.missingTolerance,
    series_no_data: rule.seriesNoData,
    series_no_data_after: formatDuration(rule.seriesNoDataAfterMs),
    group_by: rule.groupBy && [...rule.groupBy],
    labels: rule.labels,
    annotations: rule.annotations,
    notify: rule.notify && {
      users: rule.notify.users.filter((user) => !user.startsWith(GROUP_PREFIX)),
      groups: rule.notify.users
        .filter((user) => user.startsWith(GROUP_PREFIX))
        .map((user) => user.slice(GROUP_PREFIX.length)),
      channels: rule.notify.channels && [...rule.notify.channels],
      receiver: rule.notify.receiver ?? null,
      escalation_policy_id: rule.notify.escalationPolicyId ?? null,
    },
    enabled: rule.enabled,
    ends_at: nullableInstant(rule.endsAt),
    state: ruleState(live),
    health: live.health,
    last_error: live.lastError,
    instances: [...live.instances.values()]
      .filter(({ state }) => state.name !== 'inactive')
      .map((instance) => showInstance(live, instance, now, suppressedBy)),
    last_evaluated_at: nullableInstant(live.lastEvaluatedAt),
    missed_evaluations: live.missedEvaluations,
    created_at: formatInstant(rule.createdAt),
    updated_at: formatInstant(rule.updatedAt),
    version: rule.version,
    provisioned: rule.provisioned ?? false,
  };
}

function showRed({ minRequests, ...red }: NonNullable<LiveRule['rule']['red']>) {
  return { ...red, min_requests: minRequests };
}

function showInstance(
  live: LiveRule,
  { fingerprint, identity, state, episode }: Instance,
  now: number,
  suppressedBy: SuppressedBy,
): AlertInstance {
  const acknowledgement = episode?.acknowledgement ?? null;
  const isAcknowledged = acknowledgement !== null && (acknowledgement.until === null || now < acknowledgement.until);
  return {
    fingerprint,
    labels: shownLabels(live.rule, identity),
    state: state.name,
    severity: state.severity,
    value: shownNumber(state.value),
    since: formatInstant(state.since),
    started_at: formatInstant(state.startedAt),
    episode_id: episode?.id ?? null,
    acknowledged: isAcknowledged,
    acknowledged_by: isAcknowledged ? acknowledgement.by : null,
    suppressed_by: episode ? suppressedBy(episode.id) : [],
  };
}

/** An episode as the API shows it. */
export function showEpisode({ episode, notifications, events }: EpisodeRecord, now: number): Episode {
  return {
    id: episode.id,
    alert_id: episode.rule_id,
    alert_name: episode.rule_name,
    severity: episode.severity as Severity,
    service: episode.service === '' ? null : episode.service,
    labels: JSON.parse(episode.labels) as Record<string, string>,
    fingerprint: episode.fingerprint,
    state: episode.state as Episode['state'],
    started_at: formatInstant(episode.started_at),
    fired_at: formatInstant(episode.fired_at),
    ended_at: nullableInstant(episode.ended_at),
    duration_seconds: Math.max(0, (episode.ended_at ?? now) - episode.started_at) / 1000,
    threshold: episode.threshold,
    peak_value: shownNumber(episode.peak_value),
    last_value: shownNumber(episode.last_value),
    acknowledged_by: episode.acknowledged_by,
    resolved_by: episode.resolved_by,
    resolve_reason: episode.resolve_reason,
    incident_id: episode.incident_id,
    notifications: notifications.map(({ id, channel, recipient, status }) => ({ id, channel, recipient, status })),
    timeline: events.map(({ at, kind, actor, detail }) => ({
      at: formatInstant(at),
      kind,
      by: actor,
      detail: JSON.parse(detail) as Record<string, unknown>,
    })),
  };
}

function nullableInstant(time: number | null): string | null {
  return time === null ? null : formatInstant(time);
}

/** JSON has no infinity. */
function shownNumber(value: number | null): number | null {
  return value === null || Number.isFinite(value) ? value : Math.sign(value) * Number.MAX_VALUE;
}
