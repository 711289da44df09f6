import { newId } from '../../lib/id.ts';
import type { Clock } from '../../model/clock.ts';
import type { NotificationRequest } from '../../model/notification-request.ts';
import { SEVERITIES, type Severity } from '../../model/severity.ts';
import {
  type ControlStore,
  type EventFilter,
  type Executor,
  insertEvent,
  listEvents,
  type StoredEvent,
} from '../../stores/control/index.ts';
import type { AnnotationBook } from '../annotations/annotation-book.ts';
import { annotationOf } from '../annotations/of-event.ts';
import type { EnqueuedNotification } from '../enqueue.ts';
import type { Matching, PassedOver, Subscription } from '../topics/subscription.ts';
import type { TopicBook } from '../topics/topic-book.ts';
import type { CloudEvent } from './cloud-event.ts';

/** Recipients of one notification; more of them are several. */
const MOST_RECIPIENTS = 500;
/** Subscriptions that are kept with an event by which they were passed over. */
const MOST_PASSED_OVER = 20;
/** Most characters of an event's data that notifications carry. */
const DATA_LIMIT = 32_000;

export interface EventIntakeOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly topics: TopicBook;
  readonly annotations: AnnotationBook;
  /** Writes by the transaction that it is given. */
  readonly enqueue: (db: Executor, request: NotificationRequest) => Promise<EnqueuedNotification>;
  /** After the commit. */
  readonly wake: () => void;
}

export interface AcceptedEvent {
  /** Ours; null for one that was here before. */
  readonly id: string | null;
  readonly source: string;
  readonly eventId: string;
  /** Ids of what it was turned into. */
  readonly notifications: readonly string[];
  /** Of what charts show of it; null: nothing. */
  readonly annotation: string | null;
  readonly passedOver: PassedOverEvent | null;
}

/** Which subscriptions to what an event is about did not hear of it. */
export interface PassedOverEvent {
  readonly count: number;
  /** The first of them. */
  readonly subscriptions: readonly PassedOver[];
}

/** What becomes of an event at a subscription to what it is about. */
type EventOutcome = 'told' | PassedOver['reason'];

/** Takes events of the platform: each once, kept, told to those who have subscribed, and shown on charts. */
export class EventIntake {
  readonly #options: EventIntakeOptions;

  /** Since the start. */
  readonly outcomes: Record<EventOutcome, number> = { told: 0, paused: 0, min_severity: 0, filter: 0 };

  constructor(options: EventIntakeOptions) {
    this.#options = options;
  }

  /** All or none: when it resolves, the events and their notifications are in the store. */
  async accept(events: readonly CloudEvent[]): Promise<AcceptedEvent[]> {
    const { store, wake } = this.#options;
    let found: Matching[] = [];
    const accepted = await store.transaction(async (db) => {
      found = [];
      const results: AcceptedEvent[] = [];
      for (const event of events) results.push(await this.#acceptOne(db, event, found));
      return results;
    });
    for (const { told, passedOver } of found) {
      this.outcomes.told += told.length;
      for (const { reason } of passedOver) this.outcomes[reason]++;
    }
    wake();
    return accepted;
  }

  /** Newest first. */
  list(filter: EventFilter): Promise<StoredEvent[]> {
    return listEvents(this.#options.store.db, filter);
  }

  /** Adds to `found` what subscriptions make of the event, where it was not here before. */
  async #acceptOne(db: Executor, event: CloudEvent, found: Matching[]): Promise<AcceptedEvent> {
    const { clock, topics, enqueue } = this.#options;
    const id = newId();
    const known = { source: event.source, eventId: event.id };
    const severity = severityOf(event);
    const matching = topics.matching(event, severity);
    const passedOver = passedOverOf(matching);
    if (!(await insertEvent(db, toRow(id, event, passedOver, clock.now()))))
      return { id: null, ...known, notifications: [], annotation: null, passedOver: null };
    found.push(matching);
    const notifications: string[] = [];
    for (const request of toRequests(id, event, severity, matching.told)) {
      notifications.push((await enqueue(db, request)).id);
    }
    const annotation = await this.#annotate(db, id, event, severity);
    return { id, ...known, notifications, annotation, passedOver };
  }

  async #annotate(db: Executor, eventId: string, event: CloudEvent, severity: Severity): Promise<string | null> {
    const { clock, topics, annotations } = this.#options;
    const form = annotationOf(event, severity, topics.annotates(event.type), clock.now());
    if (!form) return null;
    const { id } = await annotations.write(db, form, { by: event.source, source: event.source, eventId });
    return id;
  }
}

/** One for each template that subscribers have chosen. */
function toRequests(
  id: string,
  event: CloudEvent,
  severity: Severity,
  subscriptions: readonly Subscription[],
): NotificationRequest[] {
  const requests: NotificationRequest[] = [];
  for (const [template, own] of Map.groupBy(subscriptions, (subscription) => subscription.template)) {
    for (let from = 0; from < own.length; from += MOST_RECIPIENTS) {
      requests.push({
        type: event.type.slice(0, 100),
        severity,
        data: variablesOf(event),
        ...recipientsOf(own.slice(from, from + MOST_RECIPIENTS)),
        defaultRecipients: false,
        critical: false,
        ...(template !== null && { template }),
        dedupKey: `event:${id}:${template ?? ''}:${from}`,
        metadata: { event_id: event.id, event_source: event.source },
      });
    }
  }
  return requests;
}

/** Each of them once. */
export function recipientsOf(subscriptions: readonly Subscription[]): Pick<NotificationRequest, 'users' | 'addresses'> {
  const users = new Set<string>();
  const addresses = new Map<string, NotificationRequest['addresses'][number]>();
  for (const { subscriber } of subscriptions) {
    if ('userId' in subscriber) users.add(subscriber.userId);
    else addresses.set(`${subscriber.channel}\n${subscriber.address}`, subscriber);
  }
  return { users: [...users], addresses: [...addresses.values()] };
}

/** The extension attribute `severity`, or the field of the data. */
function severityOf(event: CloudEvent): Severity {
  const named = event.extensions.severity ?? fieldsOf(event.data).severity;
  return SEVERITIES.find((severity) => severity === named) ?? 'info';
}

/** What templates see: the data's fields, the attributes as `event`, and words for those who have no template. */
function variablesOf(event: CloudEvent): Record<string, unknown> {
  const { id, source, type, subject, time, extensions } = event;
  const fields = JSON.stringify(event.data).length <= DATA_LIMIT ? fieldsOf(event.data) : {};
  return {
    ...fields,
    subject: fields.subject ?? fields.title ?? (subject === null ? type : `${type}: ${subject}`),
    message: fields.message ?? fields.summary ?? fields.description ?? '',
    event: { ...extensions, id, source, type, subject, time: time === null ? null : new Date(time).toISOString() },
  };
}

/** The same of an event that was kept. */
export function variablesOfStored(row: StoredEvent): Record<string, unknown> {
  const { id: _, source, event_id: id, type, subject, occurred_at: time } = row;
  const { datacontenttype: __, dataschema: ___, ...extensions } = JSON.parse(row.attributes);
  const core = { source, id, type, subject, time, dataContentType: null, dataSchema: null };
  return variablesOf({ ...core, extensions, data: JSON.parse(row.data) });
}

function fieldsOf(data: unknown): Record<string, unknown> {
  return typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : {};
}

function passedOverOf({ passedOver }: Matching): PassedOverEvent | null {
  if (passedOver.length === 0) return null;
  return { count: passedOver.length, subscriptions: passedOver.slice(0, MOST_PASSED_OVER) };
}

/** Of an event that was kept. */
export function passedOverOfStored({ passed_over: text }: StoredEvent): PassedOverEvent | null {
  return text === null ? null : (JSON.parse(text) as PassedOverEvent);
}

function toRow(id: string, event: CloudEvent, passedOver: PassedOverEvent | null, now: number): StoredEvent {
  const { dataContentType: datacontenttype, dataSchema: dataschema, extensions } = event;
  return {
    id,
    source: event.source,
    event_id: event.id,
    type: event.type,
    subject: event.subject,
    occurred_at: event.time,
    attributes: JSON.stringify({
      ...extensions,
      ...(datacontenttype !== null && { datacontenttype }),
      ...(dataschema !== null && { dataschema }),
    }),
    data: JSON.stringify(event.data),
    received_at: now,
    passed_over: passedOver && JSON.stringify(passedOver),
  };
}
