import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type Alerting,
  compileMatchers,
  type Group,
  type RoutedAlert,
  type Suppression,
} from '../../../alerting/index.ts';
import { mediaType, type Route, type RouteContext, route } from '../../../http/index.ts';
import { formatInstant } from '../../../lib/instant.ts';
import type { Clock } from '../../../model/clock.ts';
import { alertmanagerAlerts, alertmanagerGroups, postableAlerts } from '../../contract/alertmanager.ts';
import { AlertmanagerError } from './errors.ts';
import { Parameters } from './parameters.ts';
import { readAlerts } from './read-alerts.ts';

export interface AlertDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

type Context = RouteContext<unknown, unknown, unknown>;

const BODY_LIMIT = 16 * 1024 * 1024;
/** An alert whose rule decides about its end is shown with one that is that far ahead, as Prometheus sends it. */
const OPEN_END_MS = 300_000;
/** Alerts that are turned into text before others have a turn. */
const SLICE = 2000;

export function alertRoutes({ alerting, clock }: AlertDependencies): Route[] {
  const shared = { tag: 'alertmanager', lenient: true } as const;
  return [
    route({
      ...shared,
      method: 'GET',
      path: '/api/v2/alerts',
      summary: 'Alerts that fire, as Alertmanager lists them',
      scope: 'read',
      success: { status: 200, schema: alertmanagerAlerts },
      handle: (context) => answerAlerts(context, alerting, clock.now()),
    }),
    route({
      ...shared,
      method: 'POST',
      path: '/api/v2/alerts',
      summary: 'Alerts of Prometheus, vmalert, Grafana and others that speak to an Alertmanager',
      scope: 'ingest',
      consumes: ['application/json', 'application/yaml', 'application/x-yaml', 'text/yaml'],
      describesBody: postableAlerts,
      bodyLimit: BODY_LIMIT,
      success: { status: 200 },
      handle: async ({ request, reply, body }) => {
        const alerts = readAlerts(body as unknown as Buffer, mediaType(request));
        const errors = await alerting.postAlerts(alerts);
        if (errors.length > 0) throw new AlertmanagerError(400, errors.join('; '));
        return reply.code(200).send();
      },
    }),
    route({
      ...shared,
      method: 'GET',
      path: '/api/v2/alerts/groups',
      summary: 'Alerts that fire, in the groups in which they are told',
      scope: 'read',
      success: { status: 200, schema: alertmanagerGroups },
      handle: (context) => answerGroups(context, alerting, clock.now()),
    }),
  ];
}

interface Shown {
  readonly alert: RoutedAlert;
  readonly suppressions: readonly Suppression[];
}

/** What of the alerts the parameters let through. */
function selection(context: Context, alerting: Alerting, now: number, muted: 'muted' | 'unprocessed') {
  const parameters = new Parameters(context);
  const { matches } = compileMatchers(parameters.filter());
  const wants = {
    active: parameters.flag('active'),
    silenced: parameters.flag('silenced'),
    inhibited: parameters.flag('inhibited'),
    muted: muted === 'muted' ? parameters.flag('muted') : true,
  };
  const kinds = (suppressions: readonly Suppression[], ...wanted: readonly Suppression['kind'][]) =>
    suppressions.some(({ kind }) => wanted.includes(kind));
  return {
    receiver: parameters.receiver(),
    take(alert: RoutedAlert): Shown | undefined {
      if (alert.resolvedAt !== null || !matches(alert.labels)) return undefined;
      const suppressions = alerting.dispatcher.suppressionsOf(alert, now);
      if (!wants.active && suppressions.length === 0) return undefined;
      if (!wants.silenced && kinds(suppressions, 'silence')) return undefined;
      if (!wants.inhibited && kinds(suppressions, 'inhibition')) return undefined;
      if (!wants.muted && kinds(suppressions, 'time_interval', 'maintenance', 'snooze')) return undefined;
      return { alert, suppressions };
    },
  };
}

async function answerAlerts(context: Context, alerting: Alerting, now: number): Promise<unknown> {
  const { receiver, take } = selection(context, alerting, now, 'unprocessed');
  const { routing, table } = alerting.dispatcher;
  const shown: (Shown & { receivers: string[] })[] = [];
  for (const alert of table.alerts.values()) {
    const taken = take(alert);
    if (!taken) continue;
    const receivers = routing.receiversOf(alert);
    if (receivers.some(receiver)) shown.push({ ...taken, receivers });
  }
  shown.sort((a, b) => (a.alert.fingerprint < b.alert.fingerprint ? -1 : 1));
  context.reply.type('application/json');
  const times = new Instants();
  return join(shown, (one) => showAlert(one, one.receivers, now, times));
}

async function answerGroups(context: Context, alerting: Alerting, now: number): Promise<unknown> {
  const { receiver, take } = selection(context, alerting, now, 'muted');
  const { table, routing } = alerting.dispatcher;
  const groups = [...table.groups.values()].filter((group) => receiver(group.receiver)).sort(byLabels);
  context.reply.type('application/json');
  const shown = groups.flatMap((group) => {
    const alerts = [...group.members.keys()].flatMap((id) => {
      const alert = table.alerts.get(id);
      return (alert && routing.goesBy(group, alert) && take(alert)) || [];
    });
    alerts.sort((a, b) => (a.alert.fingerprint < b.alert.fingerprint ? -1 : 1));
    return alerts.length === 0 ? [] : [{ group, alerts }];
  });
  const times = new Instants();
  return join(shown, ({ group, alerts }) => {
    const items = alerts.map((one) => showAlert(one, [group.receiver], now, times)).join();
    const { labels, receiver: name } = group;
    return `{"alerts":[${items}],"labels":${JSON.stringify(labels)},"receiver":{"name":${JSON.stringify(name)}},"routeLabels":{}}`;
  });
}

function byLabels(a: Group, b: Group): number {
  const [first, second] = [a, b].map(({ labels, receiver }) =>
    JSON.stringify([Object.entries(labels).sort(), receiver]),
  );
  return first! < second! ? -1 : 1;
}

/** A JSON list; between slices others have a turn. */
async function join<Item>(items: readonly Item[], write: (item: Item) => string): Promise<string> {
  const slices: string[] = [];
  for (let start = 0; start < items.length; start += SLICE) {
    if (start > 0) await nextTurn();
    slices.push(
      items
        .slice(start, start + SLICE)
        .map(write)
        .join(),
    );
  }
  return `[${slices.join()}]`;
}

/** Times of one listing as texts: most alerts share theirs with those that came with them. */
class Instants {
  readonly #texts = new Map<number, string>();

  text(at: number): string {
    const known = this.#texts.get(at);
    if (known !== undefined) return known;
    const text = formatInstant(at);
    this.#texts.set(at, text);
    return text;
  }
}

const ACTIVE = { inhibitedBy: [], mutedBy: [], silencedBy: [], state: 'active' };

function statusOf(suppressions: readonly Suppression[]) {
  if (suppressions.length === 0) return ACTIVE;
  const of = (...wanted: readonly Suppression['kind'][]) =>
    suppressions.filter(({ kind }) => wanted.includes(kind)).map(({ id }) => id);
  return {
    inhibitedBy: of('inhibition'),
    mutedBy: of('time_interval', 'maintenance', 'snooze'),
    silencedBy: of('silence'),
    state: 'suppressed',
  };
}

function showAlert({ alert, suppressions }: Shown, receivers: readonly string[], now: number, times: Instants): string {
  return JSON.stringify({
    annotations: alert.annotations,
    endsAt: times.text(alert.endsAt ?? now + OPEN_END_MS),
    fingerprint: alert.fingerprint,
    receivers: receivers.map((name) => ({ name })),
    startsAt: times.text(alert.startsAt),
    status: statusOf(suppressions),
    updatedAt: times.text(alert.updatedAt),
    generatorURL: alert.generatorUrl,
    labels: alert.labels,
  });
}
