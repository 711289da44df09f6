/** Tables of incidents. Times are Unix milliseconds, lists and maps JSON. */
export interface IncidentTables {
  incidents: IncidentsTable;
  incident_events: IncidentEventsTable;
  correlation_rules: CorrelationRulesTable;
  service_dependencies: ServiceDependenciesTable;
  alert_snoozes: AlertSnoozesTable;
  service_versions: ServiceVersionsTable;
}

/** Episodes that have one cause, and what people do about it. */
export interface IncidentsTable {
  id: string;
  title: string;
  status: string;
  /** The worst of its episodes so far. */
  severity: string;
  opened_at: number;
  updated_at: number;
  acknowledged_by: string | null;
  acknowledged_at: number | null;
  /** Null: until it is resolved. */
  acknowledged_until: number | null;
  snoozed_by: string | null;
  snoozed_until: number | null;
  assignee: string | null;
  resolved_at: number | null;
  /** Null: its episodes ended by themselves. */
  resolved_by: string | null;
  /** The incident that has its episodes now. */
  merged_into: string | null;
}

/** What happened to an incident beside its alerts: only ever added to. */
export interface IncidentEventsTable {
  id: string;
  incident_id: string;
  at: number;
  kind: string;
  actor: string | null;
  /** JSON. */
  detail: string;
}

/** Rules that were made by the API. */
export interface CorrelationRulesTable {
  id: string;
  name: string;
  matchers: string;
  keys: string;
  window_ms: number;
  enabled: number;
  created_by: string;
  created_at: number;
  updated_at: number;
}

/** Who calls whom, remembered beyond the traces: what is down is called no more. */
interface ServiceDependenciesTable {
  source: string;
  target: string;
  seen_at: number;
}

/** Versions of services, by when spans of them were seen last. */
export interface ServiceVersionsTable {
  service: string;
  environment: string;
  version: string;
  seen_at: number;
}

/** Episodes that nobody is told of for a time. */
export interface AlertSnoozesTable {
  episode_id: string;
  snoozed_by: string;
  until: number;
}
