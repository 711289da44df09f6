/** Tables of what users have decided. Times are Unix milliseconds. */
export interface PreferenceTables {
  notification_preferences: NotificationPreferencesTable;
  notification_profiles: NotificationProfilesTable;
  notification_contacts: NotificationContactsTable;
}

/** What a user has decided for a channel, or for one type on it. */
export interface NotificationPreferencesTable {
  user_id: string;
  channel: string;
  /** Empty: every type. */
  type: string;
  /** Null: not decided here. */
  enabled: number | null;
  /** No longer used: addresses are contacts. */
  address: string | null;
  min_severity: string | null;
  /** JSON: digest, quiet hours, conditions; null: nothing of that. */
  settings: string | null;
  updated_at: number;
}

/** What a user has decided for every channel. */
export interface NotificationProfilesTable {
  user_id: string;
  /** Counts up with each change of anything that the user has decided. */
  version: number;
  /** 1: gets nothing any more. */
  disabled: number;
  /** IANA; null: that of the organisation. */
  time_zone: string | null;
  /** BCP 47; null: that of the organisation. */
  locale: string | null;
  /** JSON: digest, quiet hours, least severity, chain of channels. */
  settings: string;
  updated_at: number;
}

/** Where a user can be reached; several of one channel are all told. */
export interface NotificationContactsTable {
  user_id: string;
  channel: string;
  address: string;
  /** Their order, from 0. */
  place: number;
  label: string | null;
  /** Null: whose it is has not been shown yet, and nothing but the code is sent there. */
  verified_at: number | null;
  code_hash: string | null;
  code_expires_at: number | null;
  /** Wrong codes since the last one was sent. */
  code_attempts: number;
  created_at: number;
}
