/** Tables of templates, events and topics. Times are Unix milliseconds. */
export interface NotificationCentreTables {
  notification_template_versions: NotificationTemplateVersionsTable;
  notification_topics: NotificationTopicsTable;
  event_subscriptions: EventSubscriptionsTable;
  platform_events: PlatformEventsTable;
}

export interface NotificationTemplateVersionsTable {
  template_id: string;
  /** Counts up by one from 1. */
  version: number;
  /** JSON; null: deleted with this version. */
  body: string | null;
  saved_at: number;
  saved_by: string;
}

export interface NotificationTopicsTable {
  /** The word that callers use. */
  id: string;
  name: string;
  description: string;
  /** JSON: patterns of types of events that belong to it. */
  event_types: string;
  /** 1: its events are shown on charts. */
  annotates: number;
  created_at: number;
  updated_at: number;
}

/** Who wants to hear of what. */
export interface EventSubscriptionsTable {
  id: string;
  /** Either a topic or a pattern of types of events. */
  topic_id: string | null;
  event_type: string | null;
  /** Either a user or a channel. */
  user_id: string | null;
  channel: string | null;
  /** Of the channel; may hold a secret. Empty: its configured endpoint. */
  address: string | null;
  /** JSON: a list of filters, all of which an event passes. */
  filters: string;
  min_severity: string | null;
  template: string | null;
  enabled: number;
  created_at: number;
  updated_at: number;
}

/** What the platform has told, as CloudEvents. */
export interface PlatformEventsTable {
  id: string;
  source: string;
  event_id: string;
  type: string;
  subject: string | null;
  occurred_at: number | null;
  /** JSON: the attributes besides the columns. */
  attributes: string;
  /** JSON. */
  data: string;
  received_at: number;
  /** JSON: the subscriptions to what it is about that did not hear of it, and why; null: there are none. */
  passed_over: string | null;
}
