import { z } from 'zod';
import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import {
  type Notifications,
  type PassedOverEvent,
  passedOverOfStored,
  readEventRequest,
} from '../../notifications/index.ts';
import { cloudEvent, eventFilters, eventList, eventsAnswer } from '../contract/events.ts';
import { openListing } from '../listing.ts';

const tag = 'events';
const BODY_LIMIT = 4 * 1024 * 1024;

/** What happens on the platform, as CloudEvents. */
export function eventRoutes({ notifications, clock }: { notifications: Notifications; clock: Clock }): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/events',
      tag,
      summary: 'Tell an event of the platform; subscriptions turn it into notifications, deploys into annotations',
      description:
        'CloudEvents 1.0 over HTTP: structured, batched (`application/cloudevents-batch+json`, all or none) or binary (`ce-` headers). The same source and id again is a duplicate and changes nothing.',
      scope: 'write',
      consumes: ['application/cloudevents+json', 'application/cloudevents-batch+json', 'application/json'],
      describesBody: cloudEvent,
      bodyLimit: BODY_LIMIT,
      success: { status: 202, schema: eventsAnswer },
      async handle({ request }) {
        const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
        const results = await notifications.events.accept(readEventRequest({ headers: request.headers, body }));
        const items = results.map(({ id, source, eventId, notifications: made, annotation, passedOver }) => ({
          id,
          source,
          event_id: eventId,
          status: id === null ? 'duplicate' : 'accepted',
          notifications: made,
          annotation,
          passed_over: showPassedOver(passedOver),
        }));
        const duplicates = results.filter(({ id }) => id === null).length;
        return { accepted: results.length - duplicates, duplicates, items };
      },
    }),
    route({
      method: 'GET',
      path: '/api/events',
      tag,
      summary: 'Events of the platform, newest first',
      scope: 'read',
      query: eventFilters,
      success: { status: 200, schema: eventList },
      async handle({ query }) {
        const { type, source, limit } = query;
        const listing = openListing(query, z.string(), clock.now());
        const { start, end } = listing.range;
        const found = await notifications.events.list({
          type,
          source,
          start,
          end,
          after: listing.after,
          limit: limit + 1,
        });
        const page = found.slice(0, limit);
        return {
          items: page.map((event) => ({
            id: event.id,
            source: event.source,
            event_id: event.event_id,
            type: event.type,
            subject: event.subject,
            time: event.occurred_at === null ? null : formatInstant(event.occurred_at),
            attributes: JSON.parse(event.attributes),
            data: JSON.parse(event.data),
            received_at: formatInstant(event.received_at),
            passed_over: showPassedOver(passedOverOfStored(event)),
          })),
          next_cursor: listing.cursorAt(found.length > limit ? page.at(-1)?.id : undefined),
        };
      },
    }),
  ];
}

function showPassedOver(passedOver: PassedOverEvent | null) {
  if (passedOver === null) return null;
  const { count, subscriptions } = passedOver;
  return {
    count,
    subscriptions: subscriptions.map(({ subscriptionId, reason }) => ({ subscription_id: subscriptionId, reason })),
  };
}
