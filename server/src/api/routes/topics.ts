import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Notifications, Subscription, SubscriptionForm, Topic } from '../../notifications/index.ts';
import {
  type SubscriptionBody,
  type SubscriptionView,
  subscription,
  subscriptionBody,
  subscriptionFilters,
  subscriptionList,
  type TopicView,
  topic,
  topicBody,
  topicList,
  topicParams,
  topicPut,
} from '../contract/topics.ts';

const tag = 'events';

type Book = Notifications['topics'];

/** Topics, and who has subscribed to them or to types of events. */
export function topicRoutes({ notifications }: { notifications: Notifications }): Route[] {
  const { topics } = notifications;
  return [...topicsOnly(topics), ...subscriptionRoutes(topics)];
}

function topicsOnly(topics: Book): Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/topics',
      tag,
      summary: 'Topics that people can subscribe to',
      scope: 'read',
      success: { status: 200, schema: topicList },
      handle: () => ({ items: topics.topics().map((one) => showTopic(one, topics)), next_cursor: null }),
    }),
    route({
      method: 'POST',
      path: '/api/topics',
      tag,
      summary: 'Make a topic',
      scope: 'write',
      body: topicBody,
      success: { status: 201, schema: topic },
      async handle({ body, reply }) {
        const { id, name = id, description, event_types: eventTypes, annotates } = body;
        const created = await topics.createTopic({ id, name, description, eventTypes, annotates });
        reply.header('location', `/api/topics/${encodeURIComponent(id)}`);
        return showTopic(created, topics);
      },
    }),
    route({
      method: 'GET',
      path: '/api/topics/{id}',
      tag,
      summary: 'One topic',
      scope: 'read',
      params: topicParams,
      success: { status: 200, schema: topic },
      handle: ({ params }) => showTopic(topics.topic(params.id), topics),
    }),
    route({
      method: 'PUT',
      path: '/api/topics/{id}',
      tag,
      summary: 'Replace a topic',
      scope: 'write',
      params: topicParams,
      body: topicPut,
      success: { status: 200, schema: topic },
      async handle({ params: { id }, body }) {
        const { name = id, description, event_types: eventTypes, annotates } = body;
        return showTopic(await topics.updateTopic({ id, name, description, eventTypes, annotates }), topics);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/topics/{id}',
      tag,
      summary: 'Delete a topic with its subscriptions',
      scope: 'write',
      params: topicParams,
      success: { status: 204 },
      handle: ({ params }) => topics.deleteTopic(params.id),
    }),
  ];
}

function subscriptionRoutes(topics: Book): Route[] {
  const path = '/api/subscriptions';
  return [
    route({
      method: 'GET',
      path,
      tag,
      summary: 'Subscriptions, oldest first',
      scope: 'read',
      query: subscriptionFilters,
      success: { status: 200, schema: subscriptionList },
      handle({ query }) {
        const items = topics
          .subscriptions()
          .map((one) => showSubscription(one, topics))
          .filter((one) => query.topic === undefined || one.topic === query.topic)
          .filter((one) => query.user_id === undefined || one.user_id === query.user_id);
        return { items, next_cursor: null };
      },
    }),
    route({
      method: 'POST',
      path,
      tag,
      summary: 'Subscribe a user or a channel to a topic, or to types of events',
      scope: 'write',
      body: subscriptionBody,
      success: { status: 201, schema: subscription },
      async handle({ body, reply }) {
        const created = await topics.subscribe(toForm(body));
        reply.header('location', `${path}/${created.id}`);
        return showSubscription(created, topics);
      },
    }),
    route({
      method: 'GET',
      path: `${path}/{id}`,
      tag,
      summary: 'One subscription',
      scope: 'read',
      params: topicParams,
      success: { status: 200, schema: subscription },
      handle: ({ params }) => showSubscription(topics.subscription(params.id), topics),
    }),
    route({
      method: 'PUT',
      path: `${path}/{id}`,
      tag,
      summary: 'Replace a subscription',
      scope: 'write',
      params: topicParams,
      body: subscriptionBody,
      success: { status: 200, schema: subscription },
      handle: async ({ params, body }) =>
        showSubscription(await topics.updateSubscription(params.id, toForm(body)), topics),
    }),
    route({
      method: 'DELETE',
      path: `${path}/{id}`,
      tag,
      summary: 'End a subscription',
      scope: 'write',
      params: topicParams,
      success: { status: 204 },
      handle: ({ params }) => topics.unsubscribe(params.id),
    }),
  ];
}

function toForm(body: SubscriptionBody): SubscriptionForm {
  return {
    of: body.topic === undefined ? { eventType: body.event_type! } : { topic: body.topic },
    subscriber:
      body.user_id === undefined ? { channel: body.channel!, address: body.address ?? '' } : { userId: body.user_id },
    filters: body.filters,
    minSeverity: body.min_severity,
    template: body.template,
    enabled: body.enabled,
  };
}

function showTopic(
  { id, name, description, eventTypes, annotates, createdAt, updatedAt }: Topic,
  topics: Book,
): TopicView {
  return {
    id,
    name,
    description,
    event_types: [...eventTypes],
    annotates,
    subscriptions: topics.subscriptions().filter(({ of }) => 'topic' in of && of.topic === id).length,
    created_at: formatInstant(createdAt),
    updated_at: formatInstant(updatedAt),
  };
}

function showSubscription(one: Subscription, topics: Book): SubscriptionView {
  const { of, subscriber } = one;
  return {
    id: one.id,
    topic: 'topic' in of ? of.topic : null,
    event_type: 'topic' in of ? null : of.eventType,
    user_id: 'userId' in subscriber ? subscriber.userId : null,
    channel: 'userId' in subscriber ? null : subscriber.channel,
    recipient: topics.describe(subscriber),
    filters: one.filters.map((filter) => ({ ...filter })),
    min_severity: one.minSeverity,
    template: one.template,
    enabled: one.enabled,
    created_at: formatInstant(one.createdAt),
    updated_at: formatInstant(one.updatedAt),
  };
}
