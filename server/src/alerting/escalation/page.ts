import type { NotificationRequest } from '../../model/notification-request.ts';
import { compareSeverity, type Severity } from '../../model/severity.ts';
import { contentOf } from '../grouping/group-notice.ts';
import type { RoutedAlert } from '../grouping/routed-alert.ts';
import type { Turn } from '../grouping/turn.ts';
import { type Incident, incidentStatus } from '../incidents/incident.ts';
import type { EnqueuedNotification } from '../notices/notification-centre.ts';
import type { Escalation } from './escalation.ts';
import type { EscalationSweepOptions } from './escalation-sweep.ts';
import { escalationEvents } from './events.ts';
import type { Position } from './next-move.ts';
import type { EscalationTarget } from './policy.ts';
import { isNobody, nameOf, type ResolvedTargets, resolveTargets } from './recipients.ts';

interface Page {
  readonly escalation: Escalation;
  /** Numbers what the escalation sends. */
  readonly sequence: number;
  readonly run: Position;
  readonly incident: Incident;
  readonly alerts: readonly RoutedAlert[];
  readonly severity: Severity;
}

type Recipients = ResolvedTargets['recipients'];

const DEFAULTS: Recipients = { users: [], addresses: [], defaultRecipients: true };

/**
 * Tells the targets of a step; where that reaches nobody, the policy's fallback, and where that reaches nobody either,
 * the default recipients: a step is never done in silence.
 */
export async function page(page: Page, turn: Turn, options: EscalationSweepOptions): Promise<void> {
  const { escalation, run } = page;
  const { policy } = escalation;
  const step = policy.steps[run.step]!;
  const resolve = (targets: readonly EscalationTarget[]) =>
    resolveTargets(targets, { onCall: options.onCall, routing: options.dispatcher.routing }, turn.at);
  const about = { policy: policy.name, step: run.step + 1, round: run.loop + 1 };
  const wanted = resolve(step.targets);
  const told = await send(page, wanted.recipients, '', turn, options);
  if (told) {
    const targets = step.targets.map(nameOf);
    const missing = wanted.missing.length > 0 && { missing: wanted.missing };
    escalationEvents(turn, page, 'escalated', { ...about, targets, notification_id: told.id, ...missing });
    return;
  }
  const why = wanted.missing.length > 0 ? wanted.missing.join('; ') : 'its targets cannot be reached';
  const warning = `Step ${run.step + 1} of the escalation policy ${policy.name} reached nobody (${why}).`;
  const fallback = await send(page, resolve(policy.fallback).recipients, warning, turn, options);
  const last = fallback ?? (await send(page, DEFAULTS, warning, turn, options));
  const to = fallback ? 'fallback' : last ? 'default recipients' : 'nobody';
  if (!last)
    options.logger.warn({ policy: policy.name }, 'an escalation reached nobody, not even the default recipients');
  const id = last && { notification_id: last.id };
  escalationEvents(turn, page, 'escalation_fallback', { ...about, reason: why, to, ...id });
}

/** Writes the notification; `undefined` where it reaches nobody. */
async function send(
  { escalation, sequence, run, incident, alerts, severity }: Page,
  recipients: Recipients,
  warning: string,
  turn: Turn,
  { notifications, publicUrl }: EscalationSweepOptions,
): Promise<EnqueuedNotification | undefined> {
  if (isNobody(recipients)) return undefined;
  const { policy, threadId } = escalation;
  const content = contentOf({
    group: { receiver: policy.name, routeKey: `incident:${incident.id}`, labels: {} },
    reason: 'escalation',
    firing: alerts.map((alert) => ({ alert })),
    resolved: [],
    now: turn.at,
    publicUrl,
    forPrograms: recipients.addresses.some(({ channel }) => channel === 'webhook'),
    incidentId: incident.id,
  });
  const { urgency } = policy.steps[run.step]!;
  const request: NotificationRequest = {
    ...content,
    ...recipients,
    episodeId: threadId,
    critical: urgency === null ? compareSeverity(severity, 'error') >= 0 : urgency === 'high',
    data: {
      ...content.data,
      incident: aboutIncident(incident, publicUrl),
      escalation: { policy: policy.name, step: run.step + 1, round: run.loop + 1, steps: policy.steps.length, warning },
    },
    dedupKey: [
      threadId,
      'escalation',
      policy.id,
      sequence,
      warning === '' ? '' : recipients === DEFAULTS ? 'd' : 'f',
    ].join(':'),
  };
  const sent = await notifications.enqueue(turn.executor, request);
  if (!sent.deliveries.some(({ status }) => status !== 'suppressed')) return undefined;
  for (const { id } of alerts) turn.link(sent.id, id);
  return sent;
}

/** What the templates know of the incident. */
export function aboutIncident(incident: Incident, publicUrl: string): Readonly<Record<string, unknown>> {
  const { id, title, severity, firing, members } = incident;
  const url = `${publicUrl.replace(/\/$/, '')}/incidents/${id}`;
  return {
    id,
    title,
    severity,
    status: incidentStatus(incident),
    firing_count: firing,
    alert_count: members.size,
    url,
  };
}
