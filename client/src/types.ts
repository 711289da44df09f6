/** What the service takes and answers. A test holds these types against the service's own contract. */

export type Severity = 'info' | 'warning' | 'error' | 'critical';

export interface NotifyRequest {
  /** Whose inbox gets it, and whose addresses and preferences count. */
  user_id?: string | undefined;
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
