import { z } from 'zod';
import { type Route, route } from '../../http/index.ts';
import { formatInstant, parseInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import type { Annotation, Notifications } from '../../notifications/index.ts';
import {
  type AnnotationView,
  annotation,
  annotationBody,
  annotationFilters,
  annotationList,
  annotationParams,
  annotationPatch,
} from '../contract/annotations.ts';
import { openListing } from '../listing.ts';

const tag = 'annotations';
const path = '/api/annotations';
const position = z.object({ at: z.number(), id: z.string() });
/** Numbers above are milliseconds: as seconds they would lie beyond the year 5000. */
const LARGEST_SECONDS = 100_000_000_000;

/** What charts show besides the figures: deploys, events, notes, and alerts. */
export function annotationRoutes({ notifications, clock }: { notifications: Notifications; clock: Clock }): Route[] {
  const { annotations } = notifications;
  return [
    route({
      method: 'GET',
      path,
      tag,
      summary: 'What happened when: deploys, events, notes, and alerts that fired; newest first',
      description: 'What lies in the window at least in part. Alerts have no tags: with `tag` there are none of them.',
      scope: 'read',
      query: annotationFilters,
      success: { status: 200, schema: annotationList },
      async handle({ query }) {
        const { kind: kinds, service, global: orNone, environment, tag: tags, limit } = query;
        const listing = openListing(query, position, clock.now());
        const found = await annotations.list({
          ...{ ...listing.range, kinds, service, orNone, environment, tags },
          ...{ after: listing.after, limit: limit + 1 },
        });
        const page = found.slice(0, limit);
        const last = found.length > limit ? page.at(-1)! : undefined;
        return { items: page.map(show), next_cursor: listing.cursorAt(last && { at: last.at, id: last.id }) };
      },
    }),
    route({
      method: 'POST',
      path,
      tag,
      summary: 'Write down what happened: a deploy, an event, a note',
      description:
        'Bodies of Grafana’s annotation API (`{time, timeEnd, tags, text}`, times in milliseconds) are understood as well.',
      scope: 'write',
      body: annotationBody,
      success: { status: 201, schema: annotation },
      async handle({ body, principal, reply }) {
        const { time, time_end, timeEnd, kind, title, ...said } = body;
        const now = clock.now();
        const until = time_end ?? timeEnd;
        const at = time === undefined ? now : timeOf('time', time, now);
        const written = await annotations.add(
          {
            ...{ kind, at, title, text: said.text ?? '', service: said.service ?? '' },
            until: until === undefined ? null : timeOf('time_end', until, now),
            ...{ environment: said.environment ?? '', version: said.version ?? null, tags: said.tags ?? [] },
            ...{ severity: said.severity ?? 'info', url: said.url ?? null },
          },
          principal.name,
        );
        reply.header('location', `${path}/${written.id}`);
        return show(written);
      },
    }),
    route({
      method: 'GET',
      path: `${path}/{id}`,
      tag,
      summary: 'One that was written down',
      scope: 'read',
      params: annotationParams,
      success: { status: 200, schema: annotation },
      async handle({ params }) {
        return show(await annotations.get(params.id));
      },
    }),
    route({
      method: 'PATCH',
      path: `${path}/{id}`,
      tag,
      summary: 'Change what was written down, or say when it ended',
      scope: 'write',
      params: annotationParams,
      body: annotationPatch,
      success: { status: 200, schema: annotation },
      async handle({ params, body: { time, time_end, ...said } }) {
        const now = clock.now();
        const changed = await annotations.update(params.id, {
          ...said,
          at: time === undefined ? undefined : timeOf('time', time, now),
          until: time_end == null ? time_end : timeOf('time_end', time_end, now),
        });
        return show(changed);
      },
    }),
    route({
      method: 'DELETE',
      path: `${path}/{id}`,
      tag,
      summary: 'Take one away that was written down',
      scope: 'write',
      params: annotationParams,
      success: { status: 204 },
      handle: ({ params }) => annotations.remove(params.id),
    }),
  ];
}

function timeOf(name: string, value: string | number, now: number): number {
  if (typeof value === 'number') return Math.round(value > LARGEST_SECONDS ? value : value * 1000);
  const milliseconds = parseInstant(value, now);
  if (milliseconds === undefined) throw invalid({ path: name, message: 'lies before 1970 or after 9999' });
  return milliseconds;
}

function show(one: Annotation): AnnotationView {
  const { id, kind, title, text, version, severity, tags, url, source } = one;
  return {
    ...{ id, kind, time: formatInstant(one.at), time_end: one.until === null ? null : formatInstant(one.until) },
    ...{ title, text, service: one.service || null, environment: one.environment || null, version, severity },
    ...{ tags: [...tags], url, source, event_id: one.eventId, alert_id: one.alertId, incident_id: one.incidentId },
    ...{ created_by: one.createdBy, created_at: formatInstant(one.createdAt) },
  };
}
