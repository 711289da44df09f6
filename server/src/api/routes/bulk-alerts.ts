import type { Alerting, RoutedAlert } from '../../alerting/index.ts';
import { compileMatchers } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import type { Clock } from '../../model/clock.ts';
import { invalid, ServiceError } from '../../model/errors.ts';
import type { LabelMatcher } from '../../model/label-matcher.ts';
import { serviceOfLabels } from '../../model/service.ts';
import { type BulkAction, type BulkItem, bulkAction, bulkResult } from '../contract/incidents.ts';
import { toHandAction, toSnooze } from './hand-action.ts';
import { toMatchers } from './matchers.ts';

export interface BulkAlertRoutesDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

/** Of one request. */
const MOST_ITEMS = 500;

interface Item {
  readonly id: string;
  readonly which: { readonly ruleId?: string; readonly episodeId?: string };
}

export function bulkAlertRoutes({ alerting, clock }: BulkAlertRoutesDependencies): Route[] {
  return [
    route({
      method: 'POST',
      path: '/api/alerts/bulk',
      tag: 'alerts',
      summary: 'Acknowledge, snooze, silence or resolve many alerts; each has a result of its own',
      description: `At most ${MOST_ITEMS} at once. Name alerts (all that fires of them), episodes, or a filter.`,
      scope: 'write',
      body: bulkAction,
      success: { status: 200, schema: bulkResult },
      handle: async ({ body, principal }) => {
        const now = clock.now();
        const items: BulkItem[] = [];
        const run = actionOf(
          body,
          toHandAction(body, principal, now),
          () => toSnooze(body, principal, now),
          alerting,
          now,
        );
        for (const item of itemsOf(body, alerting)) items.push(await attempt(item, run, alerting));
        return { done: items.filter(({ result }) => result === 'done').length, items };
      },
    }),
  ];
}

function itemsOf({ ids, episode_ids: episodeIds, filter }: BulkAction, alerting: Alerting): Item[] {
  if (ids) return [...new Set(ids)].map((id) => ({ id, which: { ruleId: id } }));
  if (episodeIds) return [...new Set(episodeIds)].map((id) => ({ id, which: { episodeId: id } }));
  const { matches } = compileMatchers(filter?.matchers ? toMatchers(filter.matchers) : []);
  const found = [...firing(alerting)].filter(
    (alert) =>
      matches(alert.labels) &&
      (filter?.severity === undefined || alert.severity === filter.severity) &&
      (filter?.service === undefined || serviceOfLabels(alert.labels) === filter.service) &&
      (filter?.incident_id === undefined || alerting.incidents.table.common([alert.id]) === filter.incident_id),
  );
  if (found.length > MOST_ITEMS) {
    throw invalid({ path: 'filter', message: `matches ${found.length} alerts; at most ${MOST_ITEMS} at once` });
  }
  return found.map(({ id }) => ({ id, which: { episodeId: id } }));
}

type Run = (item: Item) => Promise<{ readonly isDone: boolean; readonly silenceId?: string }>;

function actionOf(
  { action, note }: BulkAction,
  said: ReturnType<typeof toHandAction>,
  snooze: () => ReturnType<typeof toSnooze>,
  alerting: Alerting,
  now: number,
): Run {
  const { byHand } = alerting;
  if (action === 'acknowledge') return async ({ which }) => ({ isDone: await byHand.acknowledgeAlerts(which, said) });
  if (action === 'resolve') return async ({ which }) => ({ isDone: await byHand.resolveAlerts(which, said) });
  const { by, until } = snooze();
  if (action === 'snooze') {
    return async ({ which }) => ({ isDone: await byHand.snoozeAlerts(which, { ...said, until }) });
  }
  return async (item) => {
    const matchers = matchersOf(item, alerting);
    if (!matchers) return { isDone: false };
    const comment = note || 'silenced from the list of alerts';
    const form = { matchers, startsAt: now, endsAt: until, createdBy: by, comment };
    return { isDone: true, silenceId: (await alerting.silences.create(form, now)).id };
  };
}

/** What a silence of it is about: an alert by its name, an episode by all of its labels. */
function matchersOf({ which }: Item, alerting: Alerting): LabelMatcher[] | undefined {
  if (which.ruleId !== undefined) {
    return [{ name: 'alertname', operator: '=', value: alerting.get(which.ruleId).rule.name }];
  }
  const alert = alerting.dispatcher.table.alerts.get(which.episodeId!);
  if (!alert || alert.resolvedAt !== null) return undefined;
  return Object.entries(alert.labels).map(([name, value]) => ({ name, operator: '=', value }));
}

async function attempt({ id, which }: Item, run: Run, alerting: Alerting): Promise<BulkItem> {
  try {
    if (which.ruleId !== undefined) alerting.get(which.ruleId);
    const { isDone, silenceId = null } = await run({ id, which });
    return { id, result: isDone ? 'done' : 'nothing_fires', detail: null, silence_id: silenceId };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return { id, result: 'failed', detail: error.message, silence_id: null };
  }
}

function* firing(alerting: Alerting): Generator<RoutedAlert> {
  for (const alert of alerting.dispatcher.table.alerts.values()) if (alert.resolvedAt === null) yield alert;
}
