import type { Alerting } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid } from '../../model/errors.ts';
import {
  type AlertVersionList,
  alert,
  alertParameters,
  alertVersionList,
  alertVersionParameters,
  type Preview,
  preview,
  previewForm,
} from '../contract/alerts.ts';
import { instantOf } from '../window.ts';
import { toForm } from './alert-forms.ts';
import { showAlert } from './alert-views.ts';

export interface AlertPreviewDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

const DAY_MS = 86_400_000;
const LONGEST_MS = 92 * DAY_MS;

/** What a rule would have done, and what it once was. */
export function alertPreviewRoutes({ alerting, clock }: AlertPreviewDependencies): Route[] {
  const tag = 'alerts';
  return [
    route({
      method: 'POST',
      path: '/api/alerts/preview',
      tag,
      summary: 'Test an alert that is not saved on stored history: when it would have fired, and who would have heard',
      scope: 'read',
      body: previewForm,
      success: { status: 200, schema: preview },
      handle: async ({ body, signal }): Promise<Preview> => {
        const { start: from, end: to, time_zone: timeZone, ...form } = body;
        const now = clock.now();
        const end = to === undefined ? now : instantOf('end', to, now);
        const start = from === undefined ? end - DAY_MS : instantOf('start', from, now);
        if (start >= end) throw invalid({ path: 'start', message: 'must be before end' });
        if (end - start > LONGEST_MS) throw invalid({ path: 'start', message: 'at most 92 days before end' });
        const tested = await alerting.preview(toForm(form, now), { start, end }, timeZone, signal);
        const lengths = tested.episodes.map(({ startedAt, endedAt }) => (endedAt ?? end) - startedAt);
        return {
          query: tested.query,
          start: formatInstant(start),
          end: formatInstant(end),
          step_seconds: tested.stepMs / 1000,
          is_thinned: tested.isThinned,
          series: tested.series,
          would_have_fired: tested.episodes.length,
          longest_seconds: Math.max(0, ...lengths) / 1000,
          episodes: tested.episodes.map(({ labels, severity, startedAt, firedAt, endedAt, peak }) => ({
            labels,
            severity,
            start: formatInstant(startedAt),
            fired_at: formatInstant(firedAt),
            end: endedAt === null ? null : formatInstant(endedAt),
            peak: peak !== null && Number.isFinite(peak) ? peak : null,
          })),
          is_cut: tested.isCut,
          told: tested.told.map(({ receiver, times, atNight, muted }) => ({
            receiver,
            times,
            at_night: atNight,
            muted,
          })),
          people: tested.people.map(({ user, times, atNight }) => ({ user, times, at_night: atNight })),
        };
      },
    }),
    route({
      method: 'GET',
      path: '/api/alerts/{alert_id}/versions',
      tag,
      summary: 'What an alert was, newest version first',
      scope: 'read',
      params: alertParameters,
      success: { status: 200, schema: alertVersionList },
      handle: async ({ params }): Promise<AlertVersionList> => {
        const versions = await alerting.versions(params.alert_id);
        return {
          items: versions.map(({ version, changedAt, changedBy, rule }) => ({
            version,
            changed_at: formatInstant(changedAt),
            changed_by: changedBy,
            name: rule.name,
            severity: rule.severity,
            query: rule.query,
            threshold: rule.threshold,
            definition: { ...rule },
          })),
          next_cursor: null,
        };
      },
    }),
    route({
      method: 'POST',
      path: '/api/alerts/{alert_id}/versions/{version}/restore',
      tag,
      summary: 'Make an alert what it was in a version, as a new version',
      scope: 'write',
      params: alertVersionParameters,
      success: { status: 200, schema: alert },
      handle: async ({ params, principal }) => {
        const live = await alerting.restore(params.alert_id, params.version, principal.name);
        return showAlert(live, clock.now(), (episodeId) => alerting.suppressedBy(episodeId));
      },
    }),
  ];
}
