/** Tables of routing, grouping and suppression. Times are Unix milliseconds, lists and maps JSON. */
export interface AlertRoutingTables {
  routed_alerts: RoutedAlertsTable;
  alert_groups: AlertGroupsTable;
  group_members: GroupMembersTable;
  notification_episodes: NotificationEpisodesTable;
  silences: SilencesTable;
  maintenance_windows: MaintenanceWindowsTable;
  routing_configs: RoutingConfigsTable;
}

/** An episode on its way to its receivers: there until each of them has heard of its end. */
export interface RoutedAlertsTable {
  episode_id: string;
  rule_id: string;
  /** Of the label set, as Alertmanager computes it. */
  fingerprint: string;
  labels: string;
  annotations: string;
  severity: string;
  starts_at: number;
  /** When it ends unless its sender says otherwise; null: when its rule says so. */
  ends_at: number | null;
  /** 1: the end was not given by the sender. */
  is_timeout: number;
  resolved_at: number | null;
  generator_url: string;
  /** JSON: recipients that the rule itself names, or null. */
  direct: string | null;
  /** JSON: the facts of its rule at the last transition; null where somebody else raised it. */
  details: string | null;
  updated_at: number;
}

/** Alerts that are told together. */
export interface AlertGroupsTable {
  id: string;
  route_key: string;
  receiver: string;
  labels: string;
  created_at: number;
  /** Episode under which its notifications run; null before the first one. */
  thread_id: string | null;
  /** Notifications so far. */
  sequence: number;
  last_notified_at: number | null;
}

export interface GroupMembersTable {
  episode_id: string;
  group_id: string;
  joined_at: number;
  /** When its receiver heard of it first; null: not yet. */
  sent_at: number | null;
  sent_severity: string | null;
  /** 1: was silenced after it was sent. */
  hushed: number;
  /** What kept the last notification about it back. */
  suppressed_by: string;
}

/** Which episodes a notification is about. */
export interface NotificationEpisodesTable {
  notification_id: string;
  episode_id: string;
}

export interface SilencesTable {
  id: string;
  matchers: string;
  starts_at: number;
  ends_at: number;
  created_by: string;
  comment: string;
  updated_at: number;
  /** When its owner was told that it is about to end. */
  reminded_at: number | null;
}

export interface MaintenanceWindowsTable {
  id: string;
  name: string;
  matchers: string;
  /** Local date and time of the first occurrence. */
  start: string;
  duration_ms: number;
  /** RFC 5545; null: once. */
  rrule: string | null;
  time_zone: string;
  comment: string;
  created_by: string;
  enabled: number;
  created_at: number;
  updated_at: number;
}

/** The routing that was set by the API. */
interface RoutingConfigsTable {
  name: string;
  /** Alertmanager's configuration as it was given, YAML. */
  source: string;
  saved_at: number;
  saved_by: string;
}
