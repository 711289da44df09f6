import type { Alerting } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import {
  type IncidentList,
  incident,
  incidentList,
  incidentListParameters,
  incidentParameters,
} from '../contract/incidents.ts';
import { instantOf } from '../window.ts';
import { showIncident, showIncidentSummary } from './incident-views.ts';

export interface IncidentRoutesDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

export function incidentRoutes({ alerting, clock }: IncidentRoutesDependencies): Route[] {
  const tag = 'incidents';
  const { incidents } = alerting;
  return [
    route({
      method: 'GET',
      path: '/api/incidents',
      tag,
      summary: 'Incidents: alerts that belong together, newest first',
      scope: 'read',
      query: incidentListParameters,
      success: { status: 200, schema: incidentList },
      handle: async ({ query }): Promise<IncidentList> => {
        const { start, end, cursor, limit, ...filter } = query;
        const now = clock.now();
        const times = {
          start: start === undefined ? undefined : instantOf('start', start, now),
          end: end === undefined ? undefined : instantOf('end', end, now),
        };
        if (times.start !== undefined && times.end !== undefined && times.start >= times.end) {
          throw invalid({ path: 'start', message: 'must be before end' });
        }
        const found = await incidents.list({ ...filter, ...times, after: cursor, limit: limit + 1 });
        const items = found.slice(0, limit).map((one) => showIncidentSummary(one, now));
        const next_cursor = found.length > limit ? items.at(-1)!.id : null;
        return { items, next_cursor, counts: await incidents.counts() };
      },
    }),
    route({
      method: 'GET',
      path: '/api/incidents/{incident_id}',
      tag,
      summary: 'One incident: its alerts with the reason why each is in it, and what may be the cause',
      scope: 'read',
      params: incidentParameters,
      success: { status: 200, schema: incident },
      handle: async ({ params }) => {
        const found = await incidents.get(params.incident_id);
        return showIncident(found, incidents.causesOf(found), clock.now());
      },
    }),
  ];
}
