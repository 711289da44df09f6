import type { ChannelName } from '../../model/notification-request.ts';
import type { Severity } from '../../model/severity.ts';
import type { EventFilter } from '../events/event-filter.ts';

/** A subject that people can subscribe to. Times are Unix milliseconds. */
export interface Topic {
  /** The word that callers use. */
  readonly id: string;
  readonly name: string;
  readonly description: string;
  /** Patterns of types of events that belong to it; `*` stands for anything. */
  readonly eventTypes: readonly string[];
  /** True: its events are shown on charts. */
  readonly annotates: boolean;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export type TopicForm = Omit<Topic, 'createdAt' | 'updatedAt'>;

/** Who is told: a user, as the user's preferences say, or an address of a channel; empty: its configured endpoint. */
export type Subscriber =
  | { readonly userId: string }
  | { readonly channel: Exclude<ChannelName, 'in_app'>; readonly address: string };

export interface SubscriptionForm {
  /** Of what: a topic, or a pattern of types of events. */
  readonly of: { readonly topic: string } | { readonly eventType: string };
  readonly subscriber: Subscriber;
  /** All have to fit. */
  readonly filters: readonly EventFilter[];
  readonly minSeverity: Severity | null;
  /** Left out: the template of the event's type. */
  readonly template: string | null;
  readonly enabled: boolean;
}

/** A subscription to what an event is about that does not hear of it. */
export interface PassedOver {
  readonly subscriptionId: string;
  readonly reason: 'paused' | 'min_severity' | 'filter';
}

/** What subscriptions make of an event. */
export interface Matching {
  readonly told: readonly Subscription[];
  readonly passedOver: readonly PassedOver[];
}

export interface Subscription extends SubscriptionForm {
  readonly id: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}
