import type { LabelMatcher } from '../../model/label-matcher.ts';
import type { Labels } from '../../model/labels.ts';
import type { Severity } from '../../model/severity.ts';
import type { StoredHeartbeat } from '../../stores/control/index.ts';

export interface HeartbeatForm {
  readonly name: string;
  readonly description: string;
  /** How often it is to be heard of, milliseconds. */
  readonly intervalMs: number;
  /** How much later than that is no alert yet. */
  readonly graceMs: number;
  readonly severity: Severity;
  /** Further labels of its alert. */
  readonly labels: Labels;
  /** Null: the routing decides who is told. */
  readonly escalationPolicyId: string | null;
  /** Alerts of other programs that stand for its pings, such as Prometheus' Watchdog; none: it is pinged. */
  readonly matchers: readonly LabelMatcher[];
  readonly enabled: boolean;
}

/** Something that is to be heard of again and again. Times are Unix milliseconds. */
export interface Heartbeat extends HeartbeatForm {
  /** Also what its pings name: cannot be guessed. */
  readonly id: string;
  readonly lastPingAt: number | null;
  readonly lastStartAt: number | null;
  /** It said itself that it failed; null where a ping came since. */
  readonly lastFailAt: number | null;
  readonly lastDurationMs: number | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** `waiting`: not heard of yet; `late`: within its grace. */
type HeartbeatState = 'paused' | 'waiting' | 'up' | 'late' | 'down';

/** When it becomes an alert that nothing is heard. Time in which nobody could be heard does not count. */
export function deadlineOf({ lastPingAt, createdAt, intervalMs, graceMs }: Heartbeat, hearingSince: number): number {
  return Math.max(lastPingAt ?? createdAt, hearingSince) + intervalMs + graceMs;
}

/** `isAlerting`: its alert fires, perhaps since before a restart. */
export function heartbeatState(
  heartbeat: Heartbeat,
  hearingSince: number,
  isAlerting: boolean,
  now: number,
): HeartbeatState {
  if (!heartbeat.enabled) return 'paused';
  const deadline = deadlineOf(heartbeat, hearingSince);
  if (isAlerting || heartbeat.lastFailAt !== null || now >= deadline) return 'down';
  if (now >= deadline - heartbeat.graceMs) return 'late';
  return heartbeat.lastPingAt === null ? 'waiting' : 'up';
}

/** Labels of the alert that nothing is heard of it. */
export function alertLabels({ name, severity, labels }: HeartbeatForm): Labels {
  return { ...labels, alertname: `Heartbeat of ${name} is missing`, heartbeat: name, severity };
}

export function toStoredHeartbeat(heartbeat: Heartbeat): StoredHeartbeat {
  const { id, name, lastPingAt, lastStartAt, lastFailAt, lastDurationMs, createdAt, updatedAt, ...form } = heartbeat;
  return {
    id,
    name,
    definition: JSON.stringify(form),
    last_ping_at: lastPingAt,
    last_start_at: lastStartAt,
    last_fail_at: lastFailAt,
    last_duration_ms: lastDurationMs,
    created_at: createdAt,
    updated_at: updatedAt,
  };
}

export function fromStoredHeartbeat(row: StoredHeartbeat): Heartbeat {
  return {
    ...(JSON.parse(row.definition) as Omit<HeartbeatForm, 'name'>),
    id: row.id,
    name: row.name,
    lastPingAt: row.last_ping_at,
    lastStartAt: row.last_start_at,
    lastFailAt: row.last_fail_at,
    lastDurationMs: row.last_duration_ms,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
