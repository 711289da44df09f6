import { type HttpOptions, request } from './http.ts';
import { Inbox, type InboxOptions } from './inbox.ts';
import type {
  Annotation,
  AnnotationFilter,
  AnnotationForm,
  BulkAction,
  CloudEvent,
  EventsAnswer,
  InboxCounts,
  Notification,
  NotificationDetail,
  NotificationFilter,
  NotifyAnswer,
  NotifyRequest,
  Page,
  Preferences,
  Schedule,
  ScheduleForm,
} from './types.ts';

/** Notifications and events of System Service. Every call rejects with a `ServiceProblem`. */
export class SystemServiceClient {
  readonly #http: HttpOptions;

  constructor(options: HttpOptions) {
    this.#http = options;
  }

  /**
   * Tells somebody something. With a key, sending again within 24 hours changes nothing: use one wherever an answer
   * can get lost. With `wait` the answer comes when each delivery is final, or after ten seconds.
   */
  notify(
    notification: NotifyRequest,
    options: { readonly idempotencyKey?: string; readonly wait?: boolean } = {},
  ): Promise<NotifyAnswer> {
    const { idempotencyKey, wait } = options;
    return request(this.#http, 'POST', 'api/notifications/notify', {
      body: notification,
      query: { wait },
      ...(idempotencyKey !== undefined && { headers: { 'idempotency-key': idempotencyKey } }),
    });
  }

  /** Up to 100 at once, all or none; the answers in the same order. */
  async notifyAll(
    notifications: readonly NotifyRequest[],
    options: { readonly idempotencyKey?: string } = {},
  ): Promise<NotifyAnswer[]> {
    const { idempotencyKey } = options;
    const { items } = await request<{ items: NotifyAnswer[] }>(this.#http, 'POST', 'api/notifications/notify/batch', {
      body: { notifications },
      ...(idempotencyKey !== undefined && { headers: { 'idempotency-key': idempotencyKey } }),
    });
    return items;
  }

  /** Tells what has happened; subscriptions turn it into notifications. The same event again is not taken twice. */
  sendEvents(...events: readonly CloudEvent[]): Promise<EventsAnswer> {
    return request(this.#http, 'POST', 'api/events', {
      body: events.map((event) => ({ specversion: '1.0', ...event })),
      contentType: 'application/cloudevents-batch+json',
    });
  }

  /** Newest first. */
  notifications(filter: NotificationFilter = {}): Promise<Page<Notification>> {
    return request(this.#http, 'GET', 'api/notifications', { query: { ...filter } });
  }

  /** One with the trace of each decision: why it was sent where, or not. */
  notification(id: string): Promise<NotificationDetail> {
    return request(this.#http, 'GET', `api/notifications/${encodeURIComponent(id)}`);
  }

  /** Takes back what of it still waits; rejects with 409 where nothing does. */
  cancel(id: string): Promise<NotificationDetail> {
    return request(this.#http, 'POST', `api/notifications/${encodeURIComponent(id)}/cancel`);
  }

  /** Says something at a time, or again and again. */
  schedule(form: ScheduleForm): Promise<Schedule> {
    return request(this.#http, 'POST', 'api/notifications/schedules', { body: form });
  }

  unschedule(id: string): Promise<void> {
    return request(this.#http, 'DELETE', `api/notifications/schedules/${encodeURIComponent(id)}`);
  }

  preferences(userId: string): Promise<Preferences> {
    return request(this.#http, 'GET', `api/notifications/preferences/${encodeURIComponent(userId)}`);
  }

  /** Sets what is given and leaves the rest; resolves with all of it. Every setting: `/docs/api`. */
  setPreferences(userId: string, changes: Record<string, unknown>): Promise<Preferences> {
    return request(this.#http, 'POST', 'api/notifications/preferences', { body: { ...changes, user_id: userId } });
  }

  /** Writes down what happened: a deploy, an event, a note. */
  annotate(annotation: AnnotationForm): Promise<Annotation> {
    return request(this.#http, 'POST', 'api/annotations', { body: annotation });
  }

  /** Newest first, alerts that fired among them; of the last hour where no time is given. */
  annotations(filter: AnnotationFilter = {}): Promise<Page<Annotation>> {
    return request(this.#http, 'GET', 'api/annotations', { query: { ...filter } });
  }

  counts(userId: string): Promise<InboxCounts> {
    return request(this.#http, 'GET', `api/notifications/counts/${encodeURIComponent(userId)}`);
  }

  /** Changes one item of a user's inbox. */
  change(
    id: string,
    change: { user_id: string; seen?: true; read?: boolean; archived?: boolean; snoozed_until?: string | null },
  ): Promise<Notification> {
    return request(this.#http, 'PATCH', `api/notifications/${encodeURIComponent(id)}`, { body: change });
  }

  /** Changes many items of a user's inbox, or all of them; resolves with how many did change. */
  async changeMany(userId: string, action: BulkAction, which: readonly string[] | 'all'): Promise<number> {
    const selection = which === 'all' ? { all: true } : { ids: which };
    const { updated } = await request<{ updated: number }>(this.#http, 'POST', 'api/notifications/bulk', {
      body: { user_id: userId, action, ...selection },
    });
    return updated;
  }

  /** A ticket that opens one socket of the user within 30 seconds: for a page that must not hold an API key. */
  async ticket(userId: string): Promise<string> {
    const { ticket } = await request<{ ticket: string }>(this.#http, 'POST', 'api/notifications/ws-ticket', {
      body: { user_id: userId },
    });
    return ticket;
  }

  /** A user's inbox, live, until it is closed. */
  inbox(userId: string, options: InboxOptions): Inbox {
    return new Inbox(this.#http, userId, options);
  }
}
