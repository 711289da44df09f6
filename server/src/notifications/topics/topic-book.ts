import type { Channels } from '../../channels/index.ts';
import { closeNames } from '../../lib/close-names.ts';
import { newId } from '../../lib/id.ts';
import type { Clock } from '../../model/clock.ts';
import { type Issue, invalid, notFound, ServiceError } from '../../model/errors.ts';
import type { ChannelName } from '../../model/notification-request.ts';
import { compareSeverity, type Severity } from '../../model/severity.ts';
import {
  type ControlStore,
  deleteSubscription,
  deleteTopic,
  listSubscriptions,
  listTopics,
  type StoredSubscription,
  saveSubscription,
  saveTopic,
} from '../../stores/control/index.ts';
import type { CloudEvent } from '../events/cloud-event.ts';
import { type EventFilter, matchesFilter, matchesType } from '../events/event-filter.ts';
import type {
  Matching,
  PassedOver,
  Subscriber,
  Subscription,
  SubscriptionForm,
  Topic,
  TopicForm,
} from './subscription.ts';

const MOST_TOPICS = 1000;
const MOST_SUBSCRIPTIONS = 20_000;

export interface TopicBookOptions {
  readonly store: ControlStore;
  readonly clock: Clock;
  readonly channels: Channels['byName'];
  readonly templateIds: () => readonly string[];
}

/** Topics, and who has subscribed to them or to types of events. */
export class TopicBook {
  readonly #options: TopicBookOptions;
  readonly #topics = new Map<string, Topic>();
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(options: TopicBookOptions) {
    this.#options = options;
  }

  async load(): Promise<void> {
    const { db } = this.#options.store;
    for (const { id, name, description, event_types, annotates, created_at, updated_at } of await listTopics(db)) {
      const times = { createdAt: created_at, updatedAt: updated_at };
      const eventTypes = JSON.parse(event_types) as string[];
      this.#topics.set(id, { id, name, description, eventTypes, annotates: annotates === 1, ...times });
    }
    for (const row of await listSubscriptions(db)) this.#subscriptions.set(row.id, toSubscription(row));
  }

  /** By id. */
  topics(): Topic[] {
    return [...this.#topics.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Throws `not_found`. */
  topic(id: string): Topic {
    const topic = this.#topics.get(id);
    if (!topic) throw notFound(`there is no topic "${id}"`, closeNames(id, [...this.#topics.keys()]));
    return topic;
  }

  /** Throws `conflict` where it is there already. */
  async createTopic(form: TopicForm): Promise<Topic> {
    if (this.#topics.has(form.id)) throw new ServiceError('conflict', `there is a topic "${form.id}" already`);
    if (this.#topics.size >= MOST_TOPICS) throw new ServiceError('conflict', `there are ${MOST_TOPICS} topics already`);
    const now = this.#options.clock.now();
    return this.#saveTopic({ ...form, createdAt: now, updatedAt: now });
  }

  async updateTopic(form: TopicForm): Promise<Topic> {
    const { createdAt } = this.topic(form.id);
    return this.#saveTopic({ ...form, createdAt, updatedAt: this.#options.clock.now() });
  }

  /** With its subscriptions. */
  async deleteTopic(id: string): Promise<void> {
    this.topic(id);
    await this.#options.store.transaction((db) => deleteTopic(db, id));
    this.#topics.delete(id);
    for (const { id: subscription, of } of this.subscriptions()) {
      if ('topic' in of && of.topic === id) this.#subscriptions.delete(subscription);
    }
  }

  /** Oldest first. */
  subscriptions(): Subscription[] {
    return [...this.#subscriptions.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** Throws `not_found`. */
  subscription(id: string): Subscription {
    const subscription = this.#subscriptions.get(id);
    if (!subscription) throw notFound(`there is no subscription ${id}`);
    return subscription;
  }

  /** Throws `invalid` for what does not exist: the topic, the template, an address of that form. */
  async subscribe(form: SubscriptionForm): Promise<Subscription> {
    if (this.#subscriptions.size >= MOST_SUBSCRIPTIONS) {
      throw new ServiceError('conflict', `there are ${MOST_SUBSCRIPTIONS} subscriptions already`);
    }
    const now = this.#options.clock.now();
    return this.#saveSubscription({ ...form, id: newId(), createdAt: now, updatedAt: now });
  }

  async updateSubscription(id: string, form: SubscriptionForm): Promise<Subscription> {
    const { createdAt } = this.subscription(id);
    return this.#saveSubscription({ ...form, id, createdAt, updatedAt: this.#options.clock.now() });
  }

  async unsubscribe(id: string): Promise<void> {
    this.subscription(id);
    await deleteSubscription(this.#options.store.db, id);
    this.#subscriptions.delete(id);
  }

  /** Forgets what a user has subscribed to; the rows are gone already. */
  forget(userId: string): void {
    for (const { id, subscriber } of this.#subscriptions.values()) {
      if ('userId' in subscriber && subscriber.userId === userId) this.#subscriptions.delete(id);
    }
  }

  /** The address as people may see it. */
  describe(subscriber: Subscriber): string {
    if ('userId' in subscriber) return subscriber.userId;
    return this.#options.channels[subscriber.channel].describe(subscriber.address);
  }

  /** Who is to hear of an event, by its type or by a topic that it belongs to, and who has asked for less. */
  matching(event: CloudEvent, severity: Severity): Matching {
    const topics = new Set(
      [...this.#topics.values()]
        .filter(({ eventTypes }) => eventTypes.some((pattern) => matchesType(event.type, pattern)))
        .map(({ id }) => id),
    );
    const told: Subscription[] = [];
    const passedOver: PassedOver[] = [];
    for (const subscription of this.subscriptions()) {
      const { id, of } = subscription;
      const isOfIt = 'topic' in of ? topics.has(of.topic) : matchesType(event.type, of.eventType);
      if (!isOfIt) continue;
      const reason = refusal(subscription, event, severity);
      if (reason === undefined) told.push(subscription);
      else passedOver.push({ subscriptionId: id, reason });
    }
    return { told, passedOver };
  }

  /** Whether events of this type belong to a topic whose events are shown on charts. */
  annotates(eventType: string): boolean {
    return [...this.#topics.values()].some(
      ({ annotates, eventTypes }) => annotates && eventTypes.some((pattern) => matchesType(eventType, pattern)),
    );
  }

  /** Who is to hear of something said to a topic. Throws `invalid` where there is no such topic. */
  subscribersOf(topic: string, event: CloudEvent, severity: Severity): Subscription[] {
    const problem = this.#topicProblem(topic);
    if (problem) throw invalid(problem);
    return this.subscriptions().filter(
      ({ of, ...subscription }) =>
        'topic' in of && of.topic === topic && refusal(subscription, event, severity) === undefined,
    );
  }

  async #saveTopic(topic: Topic): Promise<Topic> {
    const { id, name, description, eventTypes, annotates, createdAt, updatedAt } = topic;
    const times = { created_at: createdAt, updated_at: updatedAt };
    await saveTopic(this.#options.store.db, {
      id,
      name,
      description,
      event_types: JSON.stringify(eventTypes),
      annotates: annotates ? 1 : 0,
      ...times,
    });
    this.#topics.set(id, topic);
    return topic;
  }

  async #saveSubscription(subscription: Subscription): Promise<Subscription> {
    const issues = this.#check(subscription);
    if (issues.length > 0) throw invalid(...issues);
    await saveSubscription(this.#options.store.db, toRow(subscription));
    this.#subscriptions.set(subscription.id, subscription);
    return subscription;
  }

  #check({ of, subscriber, template }: SubscriptionForm): Issue[] {
    const issues: Issue[] = [];
    const unknown = 'topic' in of ? this.#topicProblem(of.topic) : undefined;
    if (unknown) issues.push(unknown);
    const ids = this.#options.templateIds();
    if (template !== null && !ids.includes(template)) {
      issues.push({ path: 'template', message: `there is no template "${template}"${hintOf(template, ids)}` });
    }
    if ('channel' in subscriber && subscriber.address !== '') {
      const problem = this.#options.channels[subscriber.channel].checkAddress(subscriber.address);
      if (problem) issues.push({ path: 'address', message: problem });
    }
    return issues;
  }

  #topicProblem(topic: string): Issue | undefined {
    if (this.#topics.has(topic)) return undefined;
    return { path: 'topic', message: `there is no topic "${topic}"${hintOf(topic, [...this.#topics.keys()])}` };
  }
}

function hintOf(name: string, known: readonly string[]): string {
  const close = closeNames(name, known);
  return close.length > 0 ? `; did you mean ${close.join(' or ')}?` : '';
}

/** Why the subscription does not want it, or `undefined`. */
function refusal(
  { enabled, minSeverity, filters }: Pick<Subscription, 'enabled' | 'minSeverity' | 'filters'>,
  event: CloudEvent,
  severity: Severity,
): PassedOver['reason'] | undefined {
  if (!enabled) return 'paused';
  if (minSeverity !== null && compareSeverity(severity, minSeverity) < 0) return 'min_severity';
  return filters.every((filter) => matchesFilter(event, filter)) ? undefined : 'filter';
}

function toRow({ id, of, subscriber, ...rest }: Subscription): StoredSubscription {
  return {
    id,
    topic_id: 'topic' in of ? of.topic : null,
    event_type: 'topic' in of ? null : of.eventType,
    user_id: 'userId' in subscriber ? subscriber.userId : null,
    channel: 'userId' in subscriber ? null : subscriber.channel,
    address: 'userId' in subscriber ? null : subscriber.address,
    filters: JSON.stringify(rest.filters),
    min_severity: rest.minSeverity,
    template: rest.template,
    enabled: rest.enabled ? 1 : 0,
    created_at: rest.createdAt,
    updated_at: rest.updatedAt,
  };
}

function toSubscription(row: StoredSubscription): Subscription {
  return {
    id: row.id,
    of: row.topic_id === null ? { eventType: row.event_type! } : { topic: row.topic_id },
    subscriber:
      row.user_id === null
        ? { channel: row.channel as Exclude<ChannelName, 'in_app'>, address: row.address! }
        : { userId: row.user_id },
    filters: JSON.parse(row.filters) as EventFilter[],
    minSeverity: row.min_severity as Severity | null,
    template: row.template,
    enabled: row.enabled === 1,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
