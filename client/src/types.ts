/** What the service takes and answers. A test holds these types against the service's own contract. */

export type Severity = 'info' | 'warning' | 'error' | 'critical';

export interface NotifyRequest {
  /** Whose inbox gets it, and whose addresses and preferences count. */
  user_id?: string | undefined;
  /** One or a list: also their members. */
  group?: string | string[] | undefined;
  /** Also everybody who has subscribed to it. */
  topic?: string | undefined;
  /** Your category, any word; default `message`. */
  type?: string | undefined;
  /** One or a list; left out, the user's preferences decide. */
  channel?: string | string[] | undefined;
  subject?: string | undefined;
  message?: string | undefined;
  /** Overrides the user's address. */
  to?: string | undefined;
  template?: string | undefined;
  /** Variables of the template. */
  data?: Record<string, unknown> | undefined;
  /** BCP 47: which variant of the template. */
  locale?: string | undefined;
  severity?: Severity | undefined;
  /** True: preferences cannot hold it back. */
  critical?: boolean | undefined;
  metadata?: Record<string, unknown> | undefined;
  /** Not before: RFC 3339, or relative (`now+2h`); at most 90 days ahead. */
  send_at?: string | undefined;
  /** The same from now on: `10m`. */
  delay?: string | undefined;
  /** For users who have not decided about digests: `15m`, `hourly`, `daily`, `daily@HH:MM`. */
  digest?: string | undefined;
  /** By other channels only what is not seen in the inbox by then: `10m`. */
  unless_seen_within?: string | undefined;
  /** `channel` is a chain: each one where those before fail, or it is not read within `after`. */
  fallback?: { after?: string | undefined } | undefined;
}

export interface NotifyAnswer {
  id: string;
  status: string;
  deliveries: {
    id: string;
    channel: string;
    recipient: string;
    status: string;
    /** Why it was not sent. */
    reason?: string | undefined;
    /** What to do about it. */
    detail?: string | undefined;
  }[];
}

/** Times are RFC 3339 in UTC. */
export interface Notification {
  id: string;
  user_id: string | null;
  type: string;
  severity: Severity;
  subject: string;
  message: string;
  status: string;
  created_at: string;
  seen_at: string | null;
  read_at: string | null;
  archived_at: string | null;
  snoozed_until: string | null;
  alert_id: string | null;
}

/** CloudEvents 1.0. `specversion` is set for you. */
export interface CloudEvent {
  id: string;
  source: string;
  type: string;
  subject?: string;
  /** RFC 3339. */
  time?: string;
  datacontenttype?: string;
  dataschema?: string;
  data?: unknown;
  /** Extension attributes. */
  [attribute: string]: unknown;
}

export interface EventsAnswer {
  accepted: number;
  /** Events of a source and id that were there already. */
  duplicates: number;
  items: {
    id: string | null;
    source: string;
    event_id: string;
    status: 'accepted' | 'duplicate';
    notifications: string[];
    /** Of what charts show of it. */
    annotation: string | null;
    /** Subscriptions to what it is about that did not hear of it, the first 20 by name. */
    passed_over: {
      count: number;
      subscriptions: { subscription_id: string; reason: 'paused' | 'min_severity' | 'filter' }[];
    } | null;
  }[];
}

export interface InboxCounts {
  unread: number;
  unseen: number;
}

export interface NotificationFilter {
  user_id?: string;
  status?: string;
  channel?: string;
  type?: string;
  alert_id?: string;
  unread?: boolean;
  unseen?: boolean;
  archived?: boolean;
  snoozed?: boolean;
  start?: string;
  end?: string;
  limit?: number;
  cursor?: string;
}

export interface Page<Item> {
  items: Item[];
  next_cursor: string | null;
}

export type BulkAction = 'seen' | 'read' | 'unread' | 'archive' | 'unarchive' | 'delete';

/** One delivery of a notification, with why it was made, or not. */
export interface Delivery {
  id: string;
  channel: string;
  recipient: string;
  status: string;
  reason: string | null;
  detail: string | null;
  scheduled_until: string | null;
  sent_at: string | null;
  delivered_at: string | null;
  trace: { rule: string; result: string }[];
}

export interface NotificationDetail extends Notification {
  deliveries: Delivery[];
}

/** Something that happened, for charts. */
export interface AnnotationForm {
  kind?: 'deploy' | 'event' | 'note' | undefined;
  title?: string | undefined;
  text?: string | undefined;
  service?: string | undefined;
  environment?: string | undefined;
  /** Of what was deployed. */
  version?: string | undefined;
  severity?: Severity | undefined;
  tags?: string[] | undefined;
  url?: string | undefined;
  /** RFC 3339, relative, or Unix seconds; default: now. */
  time?: string | number | undefined;
  time_end?: string | number | undefined;
}

export interface Annotation {
  id: string;
  kind: 'deploy' | 'event' | 'note' | 'alert';
  time: string;
  time_end: string | null;
  title: string;
  text: string;
  service: string | null;
  environment: string | null;
  version: string | null;
  tags: string[];
  alert_id: string | null;
}

export interface AnnotationFilter {
  kind?: string;
  service?: string;
  environment?: string;
  tag?: string;
  start?: string;
  end?: string;
  limit?: number;
  cursor?: string;
}

/** How a user is told; see the API for more settings. */
export interface Preferences {
  user_id: string;
  version: number;
  time_zone: string;
  locale: string;
  channels: Record<string, { enabled: boolean; address?: string | undefined; verified: boolean }>;
}

/** What is said again and again, by the clock on the wall. */
export interface ScheduleForm {
  name: string;
  notification: Omit<NotifyRequest, 'send_at' | 'delay'>;
  /** The first time: `2026-01-05T08:00`. */
  start: string;
  /** IANA; default UTC. */
  time_zone?: string | undefined;
  /** RFC 5545; left out: once. */
  rrule?: string | undefined;
}

export interface Schedule {
  id: string;
  name: string;
  enabled: boolean;
  next_at: string | null;
  upcoming: string[];
}
