import type { Alerting } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import { decodeCursor, encodeCursor } from '../../lib/cursor.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import {
  type IncidentList,
  type IncidentTimeline,
  incident,
  incidentList,
  incidentListParameters,
  incidentParameters,
  incidentTimeline,
  incidentTimelineParameters,
} from '../contract/incidents.ts';
import { instantOf } from '../window.ts';
import { readIncident, showIncidentSummary } from './incident-views.ts';

export interface IncidentRoutesDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
  /** Base of the links in exports. */
  readonly publicUrl: string;
}

export function incidentRoutes({ alerting, clock, publicUrl }: IncidentRoutesDependencies): Route[] {
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
        const shown = found.slice(0, limit);
        const figures = await incidents.figuresOf(shown.map(({ id }) => id));
        const items = shown.map((one) => showIncidentSummary(one, figures.get(one.id), now));
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
      handle: ({ params }) => readIncident(alerting, params.incident_id, clock.now()),
    }),
    route({
      method: 'GET',
      path: '/api/incidents/{incident_id}/timeline',
      tag,
      summary: 'What happened around an incident, newest first: alerts, deliveries, events of its services, people',
      scope: 'read',
      params: incidentParameters,
      query: incidentTimelineParameters,
      success: { status: 200, schema: incidentTimeline },
      handle: async ({ params, query: { limit, cursor } }): Promise<IncidentTimeline> => {
        const after = cursor === undefined ? undefined : positionOf(cursor);
        const found = await incidents.timeline(params.incident_id, { after, limit: limit + 1 }, clock.now());
        const items = found.slice(0, limit).map(({ at, episodeId, detail, ...entry }) => ({
          ...entry,
          at: formatInstant(at),
          episode_id: episodeId,
          detail: { ...detail },
        }));
        const last = found.length > limit ? found[limit - 1] : undefined;
        return { items, next_cursor: last ? encodeCursor([last.at, last.id]) : null };
      },
    }),
    route({
      method: 'GET',
      path: '/api/incidents/{incident_id}/export',
      tag,
      summary: 'An incident as Markdown, the beginning of a post-mortem',
      scope: 'read',
      params: incidentParameters,
      success: { status: 200, contentType: 'text/markdown' },
      handle: async ({ params: { incident_id: id }, reply }) => {
        const url = `${publicUrl.replace(/\/$/, '')}/incidents/${encodeURIComponent(id)}`;
        const markdown = await incidents.markdown(id, url, clock.now());
        reply.type('text/markdown; charset=utf-8');
        return markdown;
      },
    }),
  ];
}

function positionOf(cursor: string): { at: number; id: string } {
  const position = decodeCursor(cursor);
  if (Array.isArray(position) && typeof position[0] === 'number' && typeof position[1] === 'string') {
    return { at: position[0], id: position[1] };
  }
  throw invalid({ path: 'cursor', message: 'is not a cursor of this list' });
}
