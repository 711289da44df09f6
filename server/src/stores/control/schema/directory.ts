/** Tables of people and of what is said to them again and again. Times are Unix milliseconds. */
export interface DirectoryTables {
  directory_entries: DirectoryEntriesTable;
  notification_schedules: NotificationSchedulesTable;
}

/** What the platform's user management has answered. */
export interface DirectoryEntriesTable {
  /** `user` or `group`. */
  kind: string;
  id: string;
  /** JSON; null: there is none of this id. */
  body: string | null;
  fetched_at: number;
}

export interface NotificationSchedulesTable {
  id: string;
  name: string;
  /** JSON: what is to be said to whom. */
  command: string;
  /** RFC 5545; null: once. */
  rrule: string | null;
  /** The first time by the clock on the wall: `2026-01-05T08:00`. */
  start_local: string;
  time_zone: string;
  /** Who has made it. */
  principal: string;
  /** 0: paused; its turns pass by. */
  enabled: number;
  /** Null: over. */
  next_at: number | null;
  last_at: number | null;
  last_notification_id: string | null;
  /** Why the last one could not be made. */
  last_error: string | null;
  created_at: number;
}
