/** Tables of the notification module. Times are Unix milliseconds. */
export interface NotificationTables {
  notifications: NotificationsTable;
  deliveries: DeliveriesTable;
  delivery_attempts: DeliveryAttemptsTable;
  delivery_lanes: DeliveryLanesTable;
  inbox_items: InboxItemsTable;
  inbox_counters: InboxCountersTable;
  notification_idempotency_keys: NotificationIdempotencyKeysTable;
}

/** What was said. */
export interface NotificationsTable {
  id: string;
  type: string;
  severity: string;
  critical: number;
  /** The one user whom it is for; null where there are several or none. */
  user_id: string | null;
  subject: string;
  message: string;
  /** JSON: what the channels need beyond subject and message. */
  content: string;
  /** Id of the template it was made from; null for a finished text. */
  template: string | null;
  /** Why the template could not be used and the built-in one stands in. */
  template_error: string | null;
  /** JSON: the variables of the template. */
  data: string;
  /** JSON, or null. */
  metadata: string | null;
  alert_id: string | null;
  episode_id: string | null;
  incident_id: string | null;
  dedup_key: string | null;
  created_at: number;
}

/** To whom it was said, and how that went. */
export interface DeliveriesTable {
  id: string;
  notification_id: string;
  channel: string;
  /** Empty: the channel's configured endpoint, or none where suppressed. May hold a secret. */
  address: string;
  /** The address as people may see it. */
  recipient: string;
  user_id: string | null;
  /** The target: deliveries of one lane leave in the order of `position`, one at a time. */
  lane: string;
  position: number;
  /** 0 critical, 1 alert, 2 other. */
  priority: number;
  status: string;
  /** 1 while something is still to be done. */
  is_open: number;
  reason: string | null;
  detail: string | null;
  /** JSON: the steps of the decision to send or not. */
  trace: string;
  /** 1: the first of its episode to this target, the root of a mail thread. */
  starts_thread: number;
  /**
   * 1: stands also for earlier messages to this target that were cancelled while they waited; 2: the first of the
   * episode was among them, so that the target has heard nothing of it yet.
   */
  collapsed: number;
  attempt_count: number;
  next_at: number;
  /** No new attempt after this, unless there was none yet. */
  deadline_at: number;
  created_at: number;
  sent_at: number | null;
  delivered_at: number | null;
  /** The provider's own id of the message. */
  provider_id: string | null;
  /** Which variant of the template it gets; null: the one without a locale. */
  locale: string | null;
  /** Set while it waits outside of its lane (`scheduled`): when it is looked at again. */
  held_until: number | null;
  /** What it waits for. */
  held_why: string | null;
  /** When it was let into its lane; what limits of rates count. */
  released_at: number | null;
  /** The notification that tells of it together with others. */
  bundled_into: string | null;
  /** Its place in a chain of channels of which each waits for the ones before; null: in none. */
  chain_step: number | null;
  /** JSON: what it becomes when it is known who its recipient is; null: it is known. */
  deferred_request: string | null;
}

export interface DeliveryAttemptsTable {
  delivery_id: string;
  number: number;
  at: number;
  outcome: string;
  reason: string | null;
  detail: string | null;
}

/** A target with something to do. Its row's lock orders those who add and those who finish. */
interface DeliveryLanesTable {
  lane: string;
  /** Null: nothing waits. */
  next_at: number | null;
  priority: number;
  lease_token: string | null;
  lease_until: number;
  /** The endpoint or sender for which it was left alone the last time; null: for none. */
  blocked_by: string | null;
}

interface InboxItemsTable {
  user_id: string;
  /** Counts up by one for each user. */
  seq: number;
  notification_id: string;
  /** Seen: shown to the user. Whatever was read was seen. */
  seen_at: number | null;
  read_at: number | null;
  archived_at: number | null;
  /** Out of sight until then, when it comes back as unseen under a new number. */
  snoozed_until: number | null;
}

interface InboxCountersTable {
  user_id: string;
  last_seq: number;
}

export interface NotificationIdempotencyKeysTable {
  key: string;
  request_hash: string;
  notification_id: string;
  created_at: number;
}
