/** Tables of the alerting module. Times are Unix milliseconds. */
export interface AlertTables {
  alert_rules: AlertRulesTable;
  alert_rule_versions: AlertRuleVersionsTable;
  alert_instances: AlertInstancesTable;
  alert_seen_series: AlertSeenSeriesTable;
  alert_episodes: AlertEpisodesTable;
  episode_events: EpisodeEventsTable;
  alert_idempotency_keys: AlertIdempotencyKeysTable;
  alerting_marks: AlertingMarksTable;
  rule_files: RuleFilesTable;
}

/** A rule's newest version; deleted rules stay for the sake of their history. */
export interface AlertRulesTable {
  id: string;
  version: number;
  name: string;
  severity: string;
  /** Empty where the rule is not about one service. */
  service: string;
  enabled: number;
  /** JSON. */
  definition: string;
  created_at: number;
  updated_at: number;
  deleted_at: number | null;
}

interface AlertRuleVersionsTable {
  rule_id: string;
  version: number;
  definition: string;
  changed_at: number;
  changed_by: string;
}

/** A label set that a rule has seen whose silence is to fire. Written when it is new, falls silent or is back. */
export interface AlertSeenSeriesTable {
  rule_id: string;
  fingerprint: string;
  /** JSON. */
  labels: string;
  /** When it had data last; null: it has. */
  silent_since: number | null;
}

/** One label set of a rule that is not inactive. Written at transitions only, not at each evaluation. */
export interface AlertInstancesTable {
  rule_id: string;
  fingerprint: string;
  /** JSON. */
  labels: string;
  state: string;
  /** JSON: what the state machine remembers. */
  machine: string;
  episode_id: string | null;
  updated_at: number;
}

/** One time that a rule fired for one label set. */
export interface AlertEpisodesTable {
  id: string;
  rule_id: string;
  rule_name: string;
  severity: string;
  service: string;
  /** Empty where none is known. */
  environment: string;
  fingerprint: string;
  /** JSON. */
  labels: string;
  state: string;
  /** When the condition began to hold. */
  started_at: number;
  fired_at: number;
  ended_at: number | null;
  peak_value: number | null;
  last_value: number | null;
  threshold: number | null;
  acknowledged_by: string | null;
  acknowledged_at: number | null;
  /** Null: until the episode ends. */
  acknowledged_until: number | null;
  resolved_by: string | null;
  resolve_reason: string | null;
  /** The incident that it belongs to, since when, and why (JSON). */
  incident_id: string | null;
  joined_at: number | null;
  join_reason: string | null;
}

/** The timeline: only ever added to. That an alert of another program fired is told by its episode alone. */
export interface EpisodeEventsTable {
  episode_id: string;
  at: number;
  id: string;
  kind: string;
  actor: string | null;
  /** JSON. */
  detail: string;
}

export interface AlertIdempotencyKeysTable {
  key: string;
  request_hash: string;
  rule_id: string;
  created_at: number;
}

/** Points in time that outlive the process, such as the last sign of life. */
interface AlertingMarksTable {
  name: string;
  at: number;
}

/** Rule files of Prometheus that were imported by the API. */
export interface RuleFilesTable {
  name: string;
  /** YAML, as it was given. */
  source: string;
  saved_at: number;
  saved_by: string;
}
