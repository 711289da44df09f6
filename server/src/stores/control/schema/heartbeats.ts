/** Tables of heartbeats and of flapping alerts. Times are Unix milliseconds. */
export interface HeartbeatTables {
  heartbeats: HeartbeatsTable;
  alert_flaps: AlertFlapsTable;
}

export interface HeartbeatsTable {
  id: string;
  name: string;
  /** JSON: how often it is to be heard of, and what happens else. */
  definition: string;
  last_ping_at: number | null;
  last_start_at: number | null;
  last_fail_at: number | null;
  /** From the last start to the ping after it. */
  last_duration_ms: number | null;
  created_at: number;
  updated_at: number;
}

/** Alerts that have fired or ended of late. */
export interface AlertFlapsTable {
  /** Of the alert's labels. */
  fingerprint: string;
  /** JSON: when it fired or ended. */
  transitions: string;
  /** Null: it does not flap. */
  flapping_since: number | null;
  updated_at: number;
}
