import type { Alerting } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import type { Clock } from '../../model/clock.ts';
import {
  incident,
  incidentAssignment,
  incidentCare,
  incidentComment,
  incidentMerge,
  incidentParameters,
  incidentSplit,
} from '../contract/incidents.ts';
import { toHandAction, toSnooze } from './hand-action.ts';
import { readIncident } from './incident-views.ts';

export interface IncidentActionRoutesDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

/** What people do to an incident; each answers the incident as it is then. */
export function incidentActionRoutes({ alerting, clock }: IncidentActionRoutesDependencies): Route[] {
  const { byHand } = alerting;
  const show = (id: string) => readIncident(alerting, id, clock.now());
  const shared = {
    method: 'POST',
    tag: 'incidents',
    scope: 'write',
    params: incidentParameters,
    success: { status: 200, schema: incident },
  } as const;
  return [
    route({
      ...shared,
      path: '/api/incidents/{incident_id}/acknowledge',
      summary: 'Take care of everything of an incident that fires; what waits to be sent of it is not sent',
      description: 'What joins later, and what gets a higher severity, is in nobody’s hand.',
      body: incidentCare,
      handle: async ({ params: { incident_id: id }, body, principal }) => {
        await byHand.acknowledge(id, toHandAction(body, principal, clock.now()));
        return show(id);
      },
    }),
    route({
      ...shared,
      path: '/api/incidents/{incident_id}/snooze',
      summary: 'Hear nothing of what fires of an incident until then; what still fires then is told once more',
      body: incidentCare,
      handle: async ({ params: { incident_id: id }, body, principal }) => {
        await byHand.snooze(id, toSnooze(body, principal, clock.now()));
        return show(id);
      },
    }),
    route({
      ...shared,
      path: '/api/incidents/{incident_id}/assign',
      summary: 'Give an incident to a user, who is told in their inbox',
      body: incidentAssignment,
      handle: async ({ params: { incident_id: id }, body: { to, ...body }, principal }) => {
        await byHand.assign(id, to, toHandAction(body, principal, clock.now()));
        return show(id);
      },
    }),
    route({
      ...shared,
      path: '/api/incidents/{incident_id}/comment',
      summary: 'Add a note to the timeline of an incident, also after its end',
      body: incidentComment,
      handle: async ({ params: { incident_id: id }, body, principal }) => {
        await byHand.comment(id, { by: body.by ?? principal.name, note: body.note });
        return show(id);
      },
    }),
    route({
      ...shared,
      path: '/api/incidents/{incident_id}/resolve',
      summary: 'End what fires of an incident; each alert stays closed until its condition was clear once',
      body: incidentCare,
      handle: async ({ params: { incident_id: id }, body, principal }) => {
        await byHand.resolve(id, toHandAction(body, principal, clock.now()));
        return show(id);
      },
    }),
    route({
      ...shared,
      path: '/api/incidents/{incident_id}/merge',
      summary: 'Let the alerts of an incident go on under another, which is answered',
      body: incidentMerge,
      handle: async ({ params: { incident_id: id }, body: { into, ...body }, principal }) => {
        await byHand.merge(id, into, toHandAction(body, principal, clock.now()));
        return show(into);
      },
    }),
    route({
      ...shared,
      path: '/api/incidents/{incident_id}/split',
      summary: 'Let some alerts of an incident go on as an incident of their own, which is answered',
      body: incidentSplit,
      handle: async ({ params: { incident_id: id }, body: { episode_ids: episodeIds, ...body }, principal }) =>
        show(await byHand.split(id, episodeIds, toHandAction(body, principal, clock.now()))),
    }),
  ];
}
