import { type Alerting, type AlertmanagerConfig, type Group, type Receiver, showRoute } from '../../alerting/index.ts';
import { type Route, route } from '../../http/index.ts';
import { formatInstant } from '../../lib/instant.ts';
import type { Clock } from '../../model/clock.ts';
import { ServiceError } from '../../model/errors.ts';
import type { ChannelName } from '../../model/notification-request.ts';
import {
  alertGroupList,
  alertGroupListParameters,
  type RouteTest,
  type RoutingView,
  routeTest,
  routeTestForm,
  routingImportParameters,
  routingView,
} from '../contract/alert-routing.ts';

export interface AlertRoutingDependencies {
  readonly alerting: Alerting;
  readonly clock: Clock;
}

const BODY_LIMIT = 1024 * 1024;
const BUILT_IN = { receiver: 'default', group_by: ['alertname'] };

export function alertRoutingRoutes({ alerting, clock }: AlertRoutingDependencies): Route[] {
  const tag = 'alert routing';
  return [
    route({
      method: 'GET',
      path: '/api/alerts/routes',
      tag,
      summary: 'Who hears of which alert: the routing in force',
      scope: 'read',
      success: { status: 200, schema: routingView },
      handle: (): RoutingView => showRouting(alerting),
    }),
    route({
      method: 'POST',
      path: '/api/alerts/routes',
      tag,
      summary: "Import Alertmanager's configuration: its routes, receivers, inhibit rules and time intervals",
      description: 'The body is an `alertmanager.yml`, or the same as JSON. It takes the place of what was set before.',
      scope: 'admin',
      consumes: ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/plain', 'application/json'],
      bodyLimit: BODY_LIMIT,
      query: routingImportParameters,
      success: { status: 200, schema: routingView },
      handle: async ({ query, body, principal }): Promise<RoutingView> => {
        const sent = (body as unknown as Buffer).toString('utf8');
        if (sent.trim() === '')
          throw new ServiceError('malformed', 'the request has no body; send an alertmanager.yml');
        const source = query.keep_receivers === 'true' ? alerting.routing.keepingReceivers(sent) : sent;
        if (query.dry_run === 'true') return viewOf(alerting.routing.check(source), 'api', '');
        await alerting.setRouting(source, principal.name);
        return showRouting(alerting);
      },
    }),
    route({
      method: 'DELETE',
      path: '/api/alerts/routes',
      tag,
      summary: 'Back to the built-in routing: everything to the default recipients',
      scope: 'admin',
      success: { status: 204 },
      handle: () => alerting.resetRouting(),
    }),
    route({
      method: 'POST',
      path: '/api/alerts/routes/test',
      tag,
      summary:
        'Who would hear of an alert with these labels now, when, together with what, and what would keep it quiet',
      scope: 'read',
      body: routeTestForm,
      success: { status: 200, schema: routeTest },
      handle: ({ body }): RouteTest => testRoutes(alerting, body.labels, clock.now()),
    }),
    route({
      method: 'GET',
      path: '/api/alerts/groups',
      tag,
      summary: 'Alerts in the groups in which they are told, newest group first',
      scope: 'read',
      query: alertGroupListParameters,
      success: { status: 200, schema: alertGroupList },
      handle: ({ query: { receiver, limit, cursor } }) => {
        const place = ({ createdAt, id }: Group) => `${String(createdAt).padStart(15, '0')}:${id}`;
        const groups = [...alerting.dispatcher.table.groups.values()]
          .filter((group) => receiver === undefined || group.receiver === receiver)
          .filter((group) => cursor === undefined || place(group) < cursor)
          .sort((a, b) => (place(a) < place(b) ? 1 : -1));
        const page = groups.slice(0, limit);
        return {
          items: page.map((group) => showGroup(group, alerting)),
          next_cursor: groups.length > limit ? place(page.at(-1)!) : null,
        };
      },
    }),
  ];
}

function showRouting(alerting: Alerting): RoutingView {
  const { config, origin, original } = alerting.routing;
  if (config) return viewOf(config, origin, original);
  const receivers = alerting.dispatcher.routing.receivers.map(showReceiver);
  return { origin, route: BUILT_IN, receivers, inhibit_rules: 0, time_intervals: [], warnings: [], original };
}

function viewOf(config: AlertmanagerConfig, origin: RoutingView['origin'], original: string): RoutingView {
  return {
    origin,
    route: showRoute(config.route),
    receivers: config.receivers.map(showReceiver),
    inhibit_rules: config.inhibitRules.length,
    time_intervals: config.timeIntervals.map(({ name }) => name),
    warnings: config.warnings.map((warning) => ({ ...warning })),
    original,
  };
}

function showReceiver({
  name,
  integrations,
  defaultRecipients,
  escalationPolicy,
}: Receiver): RoutingView['receivers'][number] {
  return {
    name,
    default_recipients: defaultRecipients,
    escalation_policy: escalationPolicy ?? null,
    integrations: integrations.map(({ channel, address, sendResolved }) => ({
      channel,
      recipient: withoutSecret(channel, address),
      send_resolved: sendResolved,
    })),
  };
}

/** Of URLs, whose paths are credentials, the host alone; of PagerDuty's keys as much as its channel shows. */
function withoutSecret(channel: ChannelName, address: string): string {
  if (channel === 'pagerduty' && !address.startsWith('channel:')) return `PagerDuty (…${address.slice(8).slice(-4)})`;
  return /^https?:/i.test(address) && URL.canParse(address) ? new URL(address).host : address;
}

function testRoutes(alerting: Alerting, labels: Readonly<Record<string, string>>, now: number): RouteTest {
  const { routing } = alerting.dispatcher;
  const suppressed = alerting.dispatcher.suppressionsOfLabels(labels, now);
  const routes = routing.explain(labels).map(({ node, path, grouped }) => {
    const timing = routing.timingOf(node);
    const receiver = routing.receivers.find(({ name }) => name === node.receiver);
    const waitMs = labels.severity === 'critical' ? timing.criticalWaitMs : timing.waitMs;
    return {
      path: [...path],
      route_key: node.key,
      receiver: node.receiver,
      recipients: [
        ...(receiver ? showReceiver(receiver).integrations : []).map(({ channel, recipient }) => ({
          channel,
          recipient,
        })),
        ...(receiver?.defaultRecipients ? [{ channel: 'default', recipient: 'the default recipients' }] : []),
      ],
      group_by: node.groupsByAll ? ['...'] : [...node.groupBy],
      group_labels: { ...grouped },
      group_wait_seconds: waitMs / 1000,
      group_interval_seconds: timing.intervalMs / 1000,
      repeat_interval_seconds: timing.repeatMs / 1000,
      muted_by: routing.mutedBy(node, now) ?? null,
    };
  });
  return { routes, suppressed_by: suppressed.map((one) => ({ ...one })) };
}

function showGroup(group: Group, alerting: Alerting) {
  const { table, routing } = alerting.dispatcher;
  const goesByIt = (id: string) => {
    const alert = table.alerts.get(id);
    return alert !== undefined && routing.goesBy(group, alert);
  };
  const reminderAt = alerting.dispatcher.nextReminder(group);
  return {
    id: group.id,
    receiver: group.receiver,
    route_key: group.routeKey,
    labels: { ...group.labels },
    is_former: group.members.size > 0 && ![...group.members.keys()].some(goesByIt),
    created_at: formatInstant(group.createdAt),
    last_notified_at: group.lastNotifiedAt === null ? null : formatInstant(group.lastNotifiedAt),
    notification_count: group.sequence,
    next_reminder_at: reminderAt === null ? null : formatInstant(reminderAt),
    next_look_at: group.dueAt === null ? null : formatInstant(group.dueAt),
    alerts: [...group.members.values()].flatMap((member) => {
      const alert = table.alerts.get(member.alertId);
      if (!alert) return [];
      return [
        {
          alert_id: alert.ruleId,
          episode_id: alert.id,
          labels: { ...alert.labels },
          severity: alert.severity,
          state: alert.resolvedAt === null ? ('firing' as const) : ('resolved' as const),
          started_at: formatInstant(alert.startsAt),
          sent_at: member.sentAt === null ? null : formatInstant(member.sentAt),
          suppressed_by: alerting.suppressedBy(alert.id),
        },
      ];
    }),
  };
}
